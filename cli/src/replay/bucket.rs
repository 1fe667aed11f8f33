//! Stored objects in S3.

use std::io::Read;

use anyhow::{Context, Result, ensure};
use aws::{ObjectId, S3};
use flate2::read::MultiGzDecoder;

use super::progress::Progress;
use super::session::{ObjectAction, ReplaySession, compressed, progress_bar};

/// Largest stored object in bytes; Firehose's error objects have at most 128 MB.
const MAX_OBJECT_BYTES: u64 = 512 * 1024 * 1024;

impl ReplaySession<'_> {
    /// Replays the objects under `bucket/prefix`.
    pub(super) fn bucket(&mut self, location: &str) -> Result<()> {
        let (bucket, prefix) = location.split_once('/').unwrap_or((location, ""));
        let s3 = S3::new(&self.runtime.block_on(aws::sdk_config()));
        let objects = self.runtime.block_on(s3.list(bucket, prefix))?;
        let bar = progress_bar(objects.len());
        for (id, size) in objects {
            if self.is_stopped() {
                break;
            }
            if let Err(error) = self.stored_object(&s3, &id, size) {
                self.report_failure(&id.to_string(), &error);
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(())
    }

    fn stored_object(&mut self, s3: &S3, id: &ObjectId, size: u64) -> Result<()> {
        ensure!(
            size <= MAX_OBJECT_BYTES,
            "the object has {size} bytes, the limit is {MAX_OBJECT_BYTES}; copy it to a file and replay the file"
        );
        let bytes = self.runtime.block_on(fetch(s3, id))?;
        // Reads all of it first, so that a truncated object is not partly sent by every replay.
        std::io::copy(&mut inflated(&bytes), &mut std::io::sink())
            .context("cannot be read completely")?;
        let (action, _) = self.object(&id.to_string(), inflated(&bytes), Progress::default())?;
        match action {
            ObjectAction::Delete => {
                self.runtime.block_on(s3.delete(id))?;
                self.counts.removed += 1;
            }
            ObjectAction::Rewrite(lines) => {
                let remaining = compressed(&lines)?;
                let put = s3.put(id, remaining, &[("reason", "left-by-replay")]);
                self.runtime.block_on(put).context(
                    "the remaining lines cannot be written; the object is unchanged, and the next replay sends all of it again",
                )?;
                self.counts.kept += 1;
            }
            ObjectAction::Keep => self.counts.kept += 1,
        }
        Ok(())
    }
}

async fn fetch(s3: &S3, id: &ObjectId) -> Result<Vec<u8>> {
    let body = s3.get(id).await?.collect().await;
    Ok(body.context("the download was interrupted")?.to_vec())
}

fn inflated(bytes: &[u8]) -> Box<dyn Read + '_> {
    if cloudtrail::is_gzip(bytes) {
        Box::new(MultiGzDecoder::new(bytes))
    } else {
        Box::new(bytes)
    }
}
