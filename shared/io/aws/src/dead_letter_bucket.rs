//! Dead letters in S3.

use futures_util::future::BoxFuture;
use hec_client::{DeadLetter, DeadLetterError, DeadLetterStore};

use crate::s3::{ObjectId, S3};

/// A bucket for dead letters. Reason and origin are in each object's metadata.
pub struct DeadLetterBucket {
    s3: S3,
    bucket: String,
}

impl DeadLetterBucket {
    /// Stores dead letters in the bucket of this name.
    pub fn new(s3: S3, bucket: impl Into<String>) -> Self {
        Self {
            s3,
            bucket: bucket.into(),
        }
    }
}

impl DeadLetterStore for DeadLetterBucket {
    fn location(&self) -> String {
        format!("s3://{}/dead-letters/", self.bucket)
    }

    fn put<'a>(&'a self, letter: DeadLetter<'a>) -> BoxFuture<'a, Result<String, DeadLetterError>> {
        Box::pin(async move {
            let id = ObjectId::new(&self.bucket, &letter.key);
            let metadata = [
                ("reason", letter.reason),
                ("origin", letter.input),
                ("function", letter.function),
            ];
            let stored = self.s3.put(&id, letter.body, &metadata).await;
            stored.map_err(|error| DeadLetterError::Store(error.to_string()))?;
            Ok(id.to_string())
        })
    }
}
