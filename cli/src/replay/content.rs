//! What a kept object holds: HEC objects that are ready, or input that the lane has not seen.

use std::io::{BufRead, BufReader, Read};

use anyhow::{Context, Result};
use forwarding::Encoder;
use hec::Objects;
use pipeline::{Opener, Route};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::courier::Courier;

/// A line of an object that Firehose keeps after a failure.
#[derive(Deserialize)]
struct FailedRecord {
    #[serde(rename = "rawData")]
    raw_data: String,
}

/// What tells a HEC object from a record.
#[derive(Deserialize)]
struct HecObject<'o> {
    #[serde(borrow)]
    event: Option<&'o RawValue>,
    #[serde(rename = "eventVersion")]
    event_version: Option<serde::de::IgnoredAny>,
}

/// Reads kept objects.
pub(crate) struct Content<'c> {
    pub(crate) encoder: &'c mut Encoder,
    pub(crate) courier: &'c mut Courier,
    pub(crate) route: Route,
    pub(crate) opener: Opener,
    pub(crate) objects: Objects,
    /// Lines that cannot be read, as they are.
    pub(crate) unreadable: Vec<u8>,
}

impl Content<'_> {
    /// Reads `lines` to their end; `full` is called when enough objects are gathered.
    pub(crate) fn read(
        &mut self,
        lines: impl Read,
        mut full: impl FnMut(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let mut lines = BufReader::new(lines);
        let mut line = Vec::new();
        loop {
            line.clear();
            let length = lines
                .read_until(b'\n', &mut line)
                .context("cannot be read to its end")?;
            if length == 0 {
                return Ok(());
            }
            self.line(&line);
            if self.courier.is_full(&self.objects) {
                full(self)?;
            }
        }
    }

    /// Takes one line.
    fn line(&mut self, line: &[u8]) {
        if line.trim_ascii().is_empty() {
            return;
        }
        let read = match serde_json::from_slice::<FailedRecord>(line) {
            Ok(failed) => match base64_simd::STANDARD.decode_to_vec(failed.raw_data) {
                Ok(data) => self.data(&data),
                Err(_) => Err("rawData is no base64".to_owned()),
            },
            Err(_) => self.data(line),
        };
        if let Err(reason) = read {
            eprintln!(
                "sightline: {}: a line cannot be read: {reason}",
                self.route.source
            );
            self.unreadable.extend_from_slice(line.trim_ascii());
            self.unreadable.push(b'\n');
            self.courier.tally.counters.records_failed += 1;
        }
    }

    /// Takes what a record of the stream holds: objects that the transformation has made, or what
    /// it was to transform.
    fn data(&mut self, data: &[u8]) -> Result<(), String> {
        if self.take_ready(data) {
            return Ok(());
        }
        let text = self.opener.open(data).map_err(|fault| fault.to_string())?;
        let added = self.encoder.add(
            text,
            &self.route,
            &mut self.objects,
            &mut self.courier.tally,
        );
        added.map_err(|unreadable| unreadable.to_string())?;
        Ok(())
    }

    /// Takes the lines of `data` where all of them are HEC objects.
    fn take_ready(&mut self, data: &[u8]) -> bool {
        let lines = || {
            data.split(|byte| *byte == b'\n')
                .map(<[u8]>::trim_ascii)
                .filter(|line| !line.is_empty())
        };
        if lines().next().is_none() || !lines().all(is_hec_object) {
            return false;
        }
        for line in lines() {
            self.objects.push(line);
            self.courier.tally.counters.events_in += 1;
        }
        true
    }
}

fn is_hec_object(line: &[u8]) -> bool {
    let object: Option<HecObject<'_>> = serde_json::from_slice(line).ok();
    object.is_some_and(|object| object.event.is_some() && object.event_version.is_none())
}

#[cfg(test)]
mod tests {
    use super::is_hec_object;

    #[test]
    fn objects_are_told_from_records() {
        assert!(is_hec_object(
            br#"{"time":1,"event":{"eventVersion":"1.08"}}"#
        ));
        assert!(is_hec_object(br#"{"event":"text"}"#));
        for other in [
            r#"{"eventVersion":"1.08","eventTime":"x","event":1}"#,
            r#"{"Records":[]}"#,
            r#"{"messageType":"DATA_MESSAGE"}"#,
            "[]",
            "x",
        ] {
            assert!(!is_hec_object(other.as_bytes()), "{other}");
        }
    }
}
