//! Kept objects in S3.

use std::io::Read;

use anyhow::{Context, Result, ensure};
use aws::{ObjectId, S3};
use flate2::read::MultiGzDecoder;

use super::progress::Progress;
use super::{Fate, Replay, compressed, progress_bar};

/// The most bytes of a kept object; Firehose's error objects have 128 MB at most.
const LARGEST: u64 = 512 * 1024 * 1024;

impl Replay<'_> {
    /// Replays the objects under `bucket/prefix`.
    pub(super) fn bucket(&mut self, place: &str) -> Result<()> {
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let s3 = S3::new(&self.runtime.block_on(aws::sdk_config()));
        let objects = self.runtime.block_on(s3.list(bucket, prefix))?;
        let bar = progress_bar(objects.len());
        for (id, size) in objects {
            if self.ends() {
                break;
            }
            if let Err(error) = self.kept_object(&s3, &id, size) {
                self.note(&id.to_string(), &error);
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(())
    }

    fn kept_object(&mut self, s3: &S3, id: &ObjectId, size: u64) -> Result<()> {
        ensure!(
            size <= LARGEST,
            "it has {size} bytes, more than {LARGEST}: copy it to a file and replay that"
        );
        let bytes = self.runtime.block_on(fetch(s3, id))?;
        // To its end first: of a truncated object, no part is sent at each replay.
        std::io::copy(&mut inflated(&bytes), &mut std::io::sink())
            .context("cannot be read to its end")?;
        let (fate, _) = self.object(&id.to_string(), inflated(&bytes), Progress::default())?;
        match fate {
            Fate::Gone => {
                self.runtime.block_on(s3.delete(id))?;
                self.counts.removed += 1;
            }
            Fate::Rest(lines) => {
                let rest = compressed(&lines)?;
                let put = s3.put(id, rest, &[("reason", "left-by-replay")]);
                self.runtime.block_on(put).context(
                    "what is left of it cannot be written; it stays whole, and the next replay sends all of it again",
                )?;
                self.counts.kept += 1;
            }
            Fate::Stays => self.counts.kept += 1,
        }
        Ok(())
    }
}

async fn fetch(s3: &S3, id: &ObjectId) -> Result<Vec<u8>> {
    let body = s3.get(id).await?.collect().await;
    Ok(body.context("it broke off on its way")?.to_vec())
}

fn inflated(bytes: &[u8]) -> Box<dyn Read + '_> {
    if cloudtrail::is_gzip(bytes) {
        Box::new(MultiGzDecoder::new(bytes))
    } else {
        Box::new(bytes)
    }
}
