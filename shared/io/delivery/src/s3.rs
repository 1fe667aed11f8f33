//! S3: log files and dead letters.

use std::fmt;

use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use thiserror::Error;

use crate::reason_of;

/// One object, of one version where it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectId {
    /// The bucket's name.
    pub bucket: String,
    /// The key, decoded.
    pub key: String,
    /// The version.
    pub version: Option<String>,
}

/// What kind of failure it was, as far as callers tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// There is no such object.
    Missing,
    /// The role may not, or the object is archived.
    Denied,
    /// Anything that may pass.
    Unavailable,
}

/// A call to S3 that failed.
#[derive(Debug, Error)]
#[error("cannot {act} {object}: {reason}")]
pub struct ObjectError {
    /// The kind of failure.
    pub why: Why,
    act: &'static str,
    object: String,
    reason: String,
}

/// Reads and writes objects.
#[derive(Debug, Clone)]
pub struct S3 {
    client: Client,
}

impl ObjectId {
    /// The current version of an object.
    pub fn new(bucket: &str, key: &str) -> Self {
        Self {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            version: None,
        }
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

impl S3 {
    /// A client by this configuration. An endpoint of one's own is addressed by path, as
    /// emulators want it.
    pub fn new(config: &SdkConfig) -> Self {
        let has_endpoint =
            config.endpoint_url().is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some();
        let builder = aws_sdk_s3::config::Builder::from(config)
            .force_path_style(has_endpoint)
            .retry_config(aws_sdk_s3::config::retry::RetryConfig::standard());
        Self {
            client: Client::from_conf(builder.build()),
        }
    }

    /// The object's bytes as they arrive.
    ///
    /// # Errors
    /// See [`ObjectError`]. What goes wrong later shows in the stream.
    pub async fn get(&self, id: &ObjectId) -> Result<ByteStream, ObjectError> {
        let call = self.client.get_object().bucket(&id.bucket).key(&id.key);
        let answer = call.set_version_id(id.version.clone()).send().await;
        Ok(answer.map_err(|error| failed("read", id, error))?.body)
    }

    /// Writes an object whole. Metadata is brought to ASCII, as headers want it.
    ///
    /// # Errors
    /// See [`ObjectError`].
    pub async fn put(
        &self,
        id: &ObjectId,
        body: Vec<u8>,
        metadata: &[(&str, &str)],
    ) -> Result<(), ObjectError> {
        let mut call = self
            .client
            .put_object()
            .bucket(&id.bucket)
            .key(&id.key)
            .content_type("application/x-ndjson")
            .content_encoding("gzip")
            .body(body.into());
        for (name, value) in metadata {
            let plain = value.chars().map(|c| {
                if c.is_ascii_graphic() || c == ' ' {
                    c
                } else {
                    '?'
                }
            });
            call = call.metadata(*name, plain.take(512).collect::<String>());
        }
        call.send()
            .await
            .map_err(|error| failed("write", id, error))?;
        Ok(())
    }

    /// Removes an object.
    ///
    /// # Errors
    /// See [`ObjectError`].
    pub async fn delete(&self, id: &ObjectId) -> Result<(), ObjectError> {
        let call = self.client.delete_object().bucket(&id.bucket).key(&id.key);
        call.send()
            .await
            .map_err(|error| failed("delete", id, error))?;
        Ok(())
    }

    /// All objects whose keys begin with `prefix`, in the order of their keys, with their sizes in
    /// bytes.
    ///
    /// # Errors
    /// See [`ObjectError`].
    pub async fn list(
        &self,
        bucket: &str,
        prefix: &str,
    ) -> Result<Vec<(ObjectId, u64)>, ObjectError> {
        let mut all = Vec::new();
        let call = self.client.list_objects_v2().bucket(bucket).prefix(prefix);
        let mut pages = call.into_paginator().send();
        while let Some(page) = pages.next().await {
            let page =
                page.map_err(|error| failed("list", &ObjectId::new(bucket, prefix), error))?;
            for object in page.contents() {
                let size = object.size().and_then(|size| u64::try_from(size).ok());
                let key = object.key().unwrap_or_default();
                all.push((ObjectId::new(bucket, key), size.unwrap_or(0)));
            }
        }
        Ok(all)
    }
}

fn failed<E, R>(act: &'static str, id: &ObjectId, error: SdkError<E, R>) -> ObjectError
where
    E: ProvideErrorMetadata,
{
    let code = error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code);
    let why = match code {
        Some("NoSuchKey" | "NoSuchBucket" | "NoSuchVersion" | "NotFound") => Why::Missing,
        Some(
            "AccessDenied" | "InvalidAccessKeyId" | "SignatureDoesNotMatch" | "InvalidObjectState",
        ) => Why::Denied,
        _ => Why::Unavailable,
    };
    ObjectError {
        why,
        act,
        object: id.to_string(),
        reason: reason_of(&error),
    }
}
