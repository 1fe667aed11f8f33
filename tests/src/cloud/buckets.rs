//! S3 buckets, addressed by path.

use std::collections::BTreeMap;

use bytes::Bytes;
use hyper::{Method, Request, Response};

use crate::loopback::status;

#[derive(Default)]
pub(super) struct Buckets(BTreeMap<(String, String), Bytes>);

impl Buckets {
    pub(super) fn put(&mut self, bucket: &str, key: &str, content: Bytes) {
        self.0.insert((bucket.to_owned(), key.to_owned()), content);
    }

    pub(super) fn keys(&self, bucket: &str, prefix: &str) -> Vec<String> {
        let keys = self.0.keys().filter(|(name, _)| name == bucket);
        let keys = keys.map(|(_, key)| key.clone());
        keys.filter(|key| key.starts_with(prefix)).collect()
    }

    /// The response to a call: listing, reading and deleting. Keys need no escaping.
    pub(super) fn answer(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path().trim_start_matches('/');
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let id = (bucket.to_owned(), key.to_owned());
        match *request.method() {
            Method::GET if key.is_empty() => self.list(bucket, request.uri().query()),
            Method::GET => match self.0.get(&id) {
                Some(content) => status(200, content.clone()),
                None => status(404, "<Error><Code>NoSuchKey</Code></Error>"),
            },
            Method::DELETE => {
                self.0.remove(&id);
                status(204, "")
            }
            _ => status(501, "<Error><Code>NotImplemented</Code></Error>"),
        }
    }

    fn list(&self, bucket: &str, query: Option<&str>) -> Response<Bytes> {
        let parameters = query.unwrap_or_default().split('&');
        let prefix = parameters.filter_map(|p| p.strip_prefix("prefix=")).next();
        let prefix = prefix.unwrap_or_default().replace("%2F", "/");
        let contents: Vec<String> = self
            .keys(bucket, &prefix)
            .into_iter()
            .map(|key| {
                let size = self.0[&(bucket.to_owned(), key.clone())].len();
                format!("<Contents><Key>{key}</Key><Size>{size}</Size></Contents>")
            })
            .collect();
        let contents = contents.concat();
        status(
            200,
            format!(
                "<ListBucketResult><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>"
            ),
        )
    }
}
