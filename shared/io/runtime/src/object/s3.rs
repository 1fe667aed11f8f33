//! Objects in S3 as a source of bytes.

use aws::{ByteStream, ObjectError, ObjectErrorKind, ObjectId, S3};
use bytes::Bytes;
use tracing::info;
use triggers::ObjectTask;

use super::inflate::{ByteChunks, TruncatedBody};

/// The body of an object in S3.
pub struct S3Body(ByteStream);

impl ByteChunks for S3Body {
    async fn next(&mut self) -> Option<Result<Bytes, TruncatedBody>> {
        let chunk = self.0.next().await?;
        Some(chunk.map_err(|error| TruncatedBody(error.to_string())))
    }
}

/// The body of the object of `task`, and the task with the key under which the object is: its own,
/// or else its other one.
///
/// # Errors
/// The object does not exist or cannot be read.
pub async fn open(s3: &S3, task: &ObjectTask) -> Result<(ObjectTask, S3Body), ObjectError> {
    let first = s3.get(&object_id(task)).await;
    match (first, &task.other_key) {
        (Ok(body), _) => Ok((task.clone(), S3Body(body))),
        (Err(error), Some(key)) if error.kind == ObjectErrorKind::Missing => {
            info!("no object has this key; trying the decoded one");
            let other = ObjectTask {
                key: key.clone(),
                other_key: None,
                ..task.clone()
            };
            let body = s3.get(&object_id(&other)).await?;
            Ok((other, S3Body(body)))
        }
        (Err(error), _) => Err(error),
    }
}

fn object_id(task: &ObjectTask) -> ObjectId {
    ObjectId {
        bucket: task.bucket.clone(),
        key: task.key.clone(),
        version: task.version.clone(),
    }
}
