//! The way to the collector from the command line: token, pace, account.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;
use delivery::{DeadLetters, Delivered, Outbox, Sink, TokenCache};
use forwarding::{Encoder, Tally, deliver};
use hec::Objects;
use pipeline::Lane;
use settings::{Settings, TokenSource};

use crate::arguments::{DeliveryArguments, SettingArguments};
use crate::settings_source;

/// Bytes of objects that are sent together: four requests of the default size.
const TOGETHER: usize = 4_000_000;

/// What keeping dead letters is given.
const KEEPING: Duration = Duration::from_secs(30);

/// Sends objects, no faster than asked.
pub(crate) struct Courier {
    outbox: Outbox,
    pace: Pace,
    patience: Duration,
    /// What became of them.
    pub(crate) tally: Tally,
    /// Why the last ones were not delivered.
    pub(crate) reason: Option<String>,
}

/// An encoder and a courier by the arguments, and the settings. Dead letters go to `place` unless
/// the arguments name another one.
pub(crate) async fn prepare(
    arguments: &SettingArguments,
    delivery: &DeliveryArguments,
    place: Option<&Path>,
) -> Result<(Settings, Encoder, Courier)> {
    let (settings, key, rules) = settings_source::load(arguments)?;
    let source = match delivery.token_file {
        Some(_) => TokenSource::File,
        None => TokenSource::Secret,
    };
    let complete = settings.delivery.complete(source);
    complete.map_err(|problems| anyhow::anyhow!("the settings do not work:\n{problems}"))?;
    let token = token(&settings, delivery.token_file.as_deref()).await?;
    let sink = Sink::new(&settings.delivery, token)?;
    let folder = delivery
        .dead_letters
        .as_deref()
        .or(place)
        .map(Path::to_owned);
    let dead_letters = dead_letters(&settings, folder).await;
    let courier = Courier {
        outbox: Outbox::new(sink, dead_letters, "sightline"),
        pace: Pace::new(delivery.rate),
        patience: Duration::from_secs(delivery.patience),
        tally: Tally::default(),
        reason: None,
    };
    let encoder = Encoder::new(Lane::new(&settings, key.as_ref(), rules));
    Ok((settings, encoder, courier))
}

async fn token(settings: &Settings, file: Option<&Path>) -> Result<TokenCache> {
    if let Some(file) = file {
        return Ok(TokenCache::file(file).await?);
    }
    #[cfg(feature = "aws")]
    {
        let secrets = delivery::Secrets::new(&delivery::sdk_config().await);
        let name = settings.delivery.secret.as_deref().unwrap_or_default();
        Ok(TokenCache::open(secrets, name).await?)
    }
    #[cfg(not(feature = "aws"))]
    {
        let _unused = settings;
        anyhow::bail!(
            "this build cannot read secrets: give --token-file FILE, or build with --features aws"
        )
    }
}

async fn dead_letters(settings: &Settings, folder: Option<PathBuf>) -> DeadLetters {
    if let Some(folder) = folder {
        return DeadLetters::Folder(folder);
    }
    #[cfg(feature = "aws")]
    if let Some(bucket) = &settings.delivery.dead_letter_bucket {
        let s3 = delivery::S3::new(&delivery::sdk_config().await);
        let bucket = bucket.clone();
        return DeadLetters::Bucket { s3, bucket };
    }
    let _unused = settings;
    DeadLetters::None
}

impl Courier {
    /// Whether so many objects are waiting that they should be sent.
    pub(crate) fn is_full(&self, objects: &Objects) -> bool {
        objects.bytes_len() >= TOGETHER
    }

    /// Sends all `objects`, which come from `input`, and returns the numbers of those that are
    /// neither delivered nor dead letters. After a part of which some are left, nothing more is
    /// tried.
    pub(crate) async fn deliver(&mut self, objects: &Objects, input: &str) -> Vec<usize> {
        let mut first = 0;
        while first < objects.len() {
            let end = self.pace.end(first, objects.len()).await;
            let mut part = Objects::default();
            for at in first..end {
                part.push(objects.lines(at..at + 1));
            }
            let until = Instant::now() + self.patience;
            let delivered = deliver(&self.outbox, &part, input, until, &mut self.tally).await;
            if !delivered.left.is_empty() {
                self.reason.clone_from(&delivered.reason);
                self.tally.counters.events_reingested += (objects.len() - end) as u64;
                let left = delivered
                    .left
                    .iter()
                    .cloned()
                    .flatten()
                    .map(|at| first + at);
                return left.chain(end..objects.len()).collect();
            }
            first = end;
        }
        Vec::new()
    }

    /// Sends all `objects`, which come from `input`, and keeps what is not delivered. Returns
    /// whether all of them are delivered or kept.
    pub(crate) async fn send(&mut self, objects: &Objects, input: &str) -> bool {
        let numbers = self.deliver(objects, input).await;
        if numbers.is_empty() {
            return true;
        }
        let left = Delivered {
            left: numbers.iter().map(|at| *at..at + 1).collect(),
            ..Delivered::default()
        };
        let until = Instant::now() + KEEPING;
        match self.outbox.keep_left(objects, &left, input, until).await {
            Ok(_) => {
                self.tally.kept(numbers.len());
                true
            }
            Err(error) => {
                let reason = self.reason.take().unwrap_or_default();
                self.reason = Some(format!("{reason}; {error}"));
                false
            }
        }
    }

    /// The outbox and the account, for whoever sends with them.
    #[cfg(feature = "aws")]
    pub(crate) fn parts(&mut self) -> (&Outbox, &mut Tally) {
        (&self.outbox, &mut self.tally)
    }
}

/// How fast events may go.
struct Pace {
    rate: Option<u32>,
    /// When the next event may go.
    next: Instant,
}

impl Pace {
    fn new(rate: Option<u32>) -> Self {
        Self {
            rate,
            next: Instant::now(),
        }
    }

    /// Waits until the event of number `first` may go, and returns the number after the last of
    /// those below `all` that may go with it: a tenth of a second's worth.
    async fn end(&mut self, first: usize, all: usize) -> usize {
        let Some(rate) = self.rate else {
            return all;
        };
        let now = Instant::now();
        tokio::time::sleep(self.next.saturating_duration_since(now)).await;
        let end = all.min(first + (rate as usize).div_ceil(10));
        let took = Duration::from_secs_f64((end - first) as f64 / f64::from(rate));
        self.next = self.next.max(now) + took;
        end
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;

    #[tokio::test]
    async fn events_go_no_faster_than_asked() {
        let begun = std::time::Instant::now();
        let mut pace = Pace::new(Some(100));
        let (mut first, mut steps) = (0, Vec::new());
        while first < 25 {
            let end = pace.end(first, 25).await;
            steps.push(end - first);
            first = end;
        }
        assert_eq!(steps, [10, 10, 5]);
        assert!(begun.elapsed().as_millis() >= 200);
        assert_eq!(Pace::new(None).end(3, 9).await, 9);
    }
}
