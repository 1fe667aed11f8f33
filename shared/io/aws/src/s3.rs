//! Objects in S3.

use std::fmt;

use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use thiserror::Error;

use crate::redacted_error;

/// An object: a certain version if one is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectId {
    /// The bucket's name.
    pub bucket: String,
    /// The key, decoded.
    pub key: String,
    /// The version.
    pub version: Option<String>,
}

/// The kind of a failure, as far as callers distinguish them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectErrorKind {
    /// The object does not exist.
    Missing,
    /// The role has no permission, or the object is archived.
    Denied,
    /// Anything transient.
    Unavailable,
}

/// A call to S3 that failed.
#[derive(Debug, Error)]
#[error("cannot {action} {object}: {reason}")]
pub struct ObjectError {
    /// The kind of failure.
    pub kind: ObjectErrorKind,
    action: &'static str,
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
    /// A client with this configuration. A custom endpoint is addressed by path, as emulators
    /// require.
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
    /// See [`ObjectError`]. Later failures are errors of the stream.
    pub async fn get(&self, id: &ObjectId) -> Result<ByteStream, ObjectError> {
        let call = self.client.get_object().bucket(&id.bucket).key(&id.key);
        let response = call.set_version_id(id.version.clone()).send().await;
        Ok(response.map_err(|error| failed("read", id, error))?.body)
    }

    /// Writes a gzipped object. In metadata, characters that a header cannot hold become `?`.
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
            let ascii = value.chars().map(|c| {
                if c.is_ascii_graphic() || c == ' ' {
                    c
                } else {
                    '?'
                }
            });
            call = call.metadata(*name, ascii.take(512).collect::<String>());
        }
        call.send()
            .await
            .map_err(|error| failed("write", id, error))?;
        Ok(())
    }

    /// Deletes an object.
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

    /// All objects under `prefix`, ordered by key, with their sizes in bytes.
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

fn failed<E, R>(action: &'static str, id: &ObjectId, error: SdkError<E, R>) -> ObjectError
where
    E: ProvideErrorMetadata,
{
    let code = error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code);
    let kind = match code {
        Some("NoSuchKey" | "NoSuchBucket" | "NoSuchVersion" | "NotFound") => {
            ObjectErrorKind::Missing
        }
        Some(
            "AccessDenied" | "InvalidAccessKeyId" | "SignatureDoesNotMatch" | "InvalidObjectState",
        ) => ObjectErrorKind::Denied,
        _ => ObjectErrorKind::Unavailable,
    };
    ObjectError {
        kind,
        action,
        object: id.to_string(),
        reason: redacted_error(&error),
    }
}
