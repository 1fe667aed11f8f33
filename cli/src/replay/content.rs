//! What a kept object holds, line by line: HEC objects that are ready, or input that the lane has
//! not seen.

use std::io::{BufRead, BufReader, Read};

use anyhow::{Context, Result};
use forwarding::Encoder;
use hec::Objects;
use pipeline::{Opener, Route};
use serde::Deserialize;

use crate::courier::Courier;

/// A line of an object that Firehose keeps after a failure.
#[derive(Deserialize)]
struct FailedRecord {
    #[serde(rename = "rawData")]
    raw_data: String,
    #[serde(rename = "lambdaArn")]
    lambda_arn: Option<String>,
    #[serde(rename = "errorCode", default)]
    error_code: String,
}

/// A message of a queue that was copied into a file.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "detail-type")]
    detail_type: String,
}

/// One kept object while it is replayed.
pub(super) struct Content<'c> {
    pub(super) encoder: &'c mut Encoder,
    pub(super) courier: &'c mut Courier,
    pub(super) runtime: &'c tokio::runtime::Runtime,
    pub(super) route: Route,
    pub(super) is_dry: bool,
    opener: Opener,
    objects: Objects,
    /// Lines whose objects are gathered, each with the number after its last object.
    lines: Vec<(Vec<u8>, usize)>,
    /// Lines that are neither delivered nor kept elsewhere, as they are.
    pub(super) rest: Vec<u8>,
    /// Lines that were understood.
    pub(super) known: u64,
    /// The collector does not take any more.
    pub(super) is_stopped: bool,
}

impl<'c> Content<'c> {
    pub(super) fn new(
        encoder: &'c mut Encoder,
        courier: &'c mut Courier,
        runtime: &'c tokio::runtime::Runtime,
        route: Route,
        is_dry: bool,
    ) -> Self {
        Self {
            encoder,
            courier,
            runtime,
            route,
            is_dry,
            opener: Opener::default(),
            objects: Objects::default(),
            lines: Vec::new(),
            rest: Vec::new(),
            known: 0,
            is_stopped: false,
        }
    }

    /// Delivers what the lines of `read` hold.
    pub(super) fn replay(&mut self, read: impl Read) -> Result<()> {
        let mut read = BufReader::new(read);
        loop {
            let mut line = Vec::new();
            let length = read
                .read_until(b'\n', &mut line)
                .context("cannot be read to its end")?;
            if length == 0 {
                self.send();
                return Ok(());
            }
            if self.is_stopped {
                self.rest.extend_from_slice(&line);
            } else {
                self.line(line);
            }
            if self.courier.is_full(&self.objects) {
                self.send();
            }
        }
    }

    fn line(&mut self, line: Vec<u8>) {
        if line.trim_ascii().is_empty() {
            return;
        }
        match self.understand(&line) {
            Ok(()) => {
                self.known += 1;
                self.lines.push((line, self.objects.len()));
            }
            Err(reason) => {
                eprintln!(
                    "sightline: {}: a line cannot be read: {reason}",
                    self.route.source
                );
                self.courier.tally.counters.records_failed += 1;
                self.rest.extend_from_slice(&line);
            }
        }
    }

    fn understand(&mut self, line: &[u8]) -> Result<(), String> {
        if let Ok(failed) = serde_json::from_slice::<FailedRecord>(line) {
            let data = base64_simd::STANDARD.decode_to_vec(failed.raw_data);
            let data = data.map_err(|_| "rawData is no base64".to_owned())?;
            // What a transformation failed on was never masked, whatever it looks like.
            let is_raw = failed.lambda_arn.is_some() || failed.error_code.starts_with("Lambda.");
            let is_ready = !is_raw && self.take_ready(&data);
            return if is_ready {
                Ok(())
            } else {
                self.transform(&data)
            };
        }
        if self.take_ready(line) {
            return Ok(());
        }
        match serde_json::from_slice::<Event>(line) {
            Ok(event) if event.detail_type.ends_with("via CloudTrail") => self.transform(line),
            _ => Err("it is neither a dead letter, a record of Firehose's error objects nor an event of a queue; \
                      `sightline send` sends log files"
                .to_owned()),
        }
    }

    /// Runs input through the lane.
    pub(super) fn transform(&mut self, data: &[u8]) -> Result<(), String> {
        let text = self.opener.open(data).map_err(|fault| fault.to_string())?;
        let tally = &mut self.courier.tally;
        let added = self
            .encoder
            .add(text, &self.route, &mut self.objects, tally);
        added.map(drop).map_err(|unreadable| unreadable.to_string())
    }

    /// Takes the lines of `data` where all of them are HEC objects.
    fn take_ready(&mut self, data: &[u8]) -> bool {
        let lines = || {
            let lines = data.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
            lines.filter(|line| !line.is_empty())
        };
        if lines().next().is_none() || !lines().all(hec::is_object) {
            return false;
        }
        for line in lines() {
            self.objects.push(line);
            self.courier.tally.counters.events_in += 1;
        }
        true
    }

    /// Sends what is gathered; lines of which something is left stay.
    pub(super) fn send(&mut self) {
        let objects = std::mem::take(&mut self.objects);
        let lines = std::mem::take(&mut self.lines);
        if self.is_dry {
            return;
        }
        let left = self
            .runtime
            .block_on(self.courier.deliver(&objects, &self.route.source));
        let mut first = 0;
        for (line, end) in lines {
            if left.iter().any(|at| (first..end).contains(at)) {
                self.rest.extend_from_slice(&line);
            }
            first = end;
        }
        self.is_stopped |= !left.is_empty();
    }

    /// Whether everything gathered was delivered or kept elsewhere.
    #[cfg(feature = "aws")]
    pub(super) fn is_done(&mut self) -> bool {
        self.send();
        !self.is_stopped
    }
}
