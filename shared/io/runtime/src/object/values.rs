//! The values of an object, forwarded one by one.

use cloudtrail::StreamItem;
use pipeline::ParseError;
use tracing::warn;

use super::forwarder::ObjectForwarder;
use super::progress::ObjectProgress;

/// Why a value cannot be parsed.
enum Unparsable {
    /// It is Lambda's record of a failed invocation whose event cannot be forwarded.
    InvocationRecord(String),
    /// Any other reason.
    Other(String),
}

impl ObjectForwarder<'_> {
    /// Forwards one record of a log file, or a value whose format is not known yet.
    ///
    /// # Errors
    /// The value is Lambda's record of a failed invocation whose event cannot be forwarded.
    pub(super) fn forward_item(
        &mut self,
        item: StreamItem<'_>,
        progress: &mut ObjectProgress<'_>,
    ) -> Result<(), String> {
        let Some(number) = progress.advance() else {
            return Ok(());
        };
        match item {
            StreamItem::Value(value) => self.value(value, number, progress),
            StreamItem::Record(record) => {
                self.record(record, number, progress);
                Ok(())
            }
        }
    }

    fn record(&mut self, record: &[u8], number: u64, progress: &mut ObjectProgress<'_>) {
        self.become_known(progress);
        if self.has_other_route(record) {
            return self.filter();
        }
        let before = progress.pending.len();
        self.encoder
            .add_record(record, &progress.file, &mut progress.pending, self.metrics);
        progress.note(before, number);
    }

    fn value(
        &mut self,
        value: &[u8],
        number: u64,
        progress: &mut ObjectProgress<'_>,
    ) -> Result<(), String> {
        let before = progress.pending.len();
        match self.parse(value, progress) {
            Ok(()) => {
                progress.note(before, number);
                self.become_known(progress);
            }
            Err(Unparsable::InvocationRecord(reason)) => return Err(reason),
            Err(Unparsable::Other(reason)) if progress.known => {
                self.unparsed(value, &reason, number, progress);
            }
            Err(Unparsable::Other(reason)) => progress.set_aside(number, value, reason),
        }
        Ok(())
    }

    /// Adds the HEC objects of `value` to those that are pending.
    fn parse(&mut self, value: &[u8], progress: &mut ObjectProgress<'_>) -> Result<(), Unparsable> {
        let text = std::str::from_utf8(value).map_err(|error| {
            Unparsable::Other(format!("not UTF-8 at byte {}", error.valid_up_to()))
        })?;
        let (route, pending) = (&progress.route, &mut progress.pending);
        let limit = self.only_over_bytes;
        let added = self
            .encoder
            .add_over(limit, text, route, pending, self.metrics);
        match added {
            Ok(_) | Err(ParseError::Empty) => Ok(()),
            Err(error @ ParseError::InvocationRecord { .. }) => {
                Err(Unparsable::InvocationRecord(error.to_string()))
            }
            Err(error) => Err(Unparsable::Other(error.to_string())),
        }
    }

    /// Notes that the object holds CloudTrail events, and forwards the values that were set aside.
    fn become_known(&mut self, progress: &mut ObjectProgress<'_>) {
        for unparsed in progress.become_known() {
            self.unparsed(&unparsed.value, &unparsed.reason, unparsed.number, progress);
        }
    }

    /// Forwards the fallback event of an unparsed value, in an object that holds CloudTrail events.
    fn unparsed(
        &mut self,
        value: &[u8],
        reason: &str,
        number: u64,
        progress: &mut ObjectProgress<'_>,
    ) {
        if self.has_other_route(value) {
            self.filter();
        } else {
            self.fallback(value, reason, number, progress);
        }
    }

    /// Whether another route carries this record.
    fn has_other_route(&self, record: &[u8]) -> bool {
        let limit = self.only_over_bytes;
        limit.is_some_and(|limit| record.len() <= limit)
    }

    /// Counts one filtered record.
    fn filter(&mut self) {
        self.metrics.counters.events_in += 1;
        self.metrics.counters.events_dropped += 1;
    }

    /// Forwards the fallback event of `bytes`, the record of this number.
    fn fallback(
        &mut self,
        bytes: &[u8],
        reason: &str,
        number: u64,
        progress: &mut ObjectProgress<'_>,
    ) {
        warn!(
            object = progress.input,
            record = number,
            reason,
            "a record cannot be parsed"
        );
        let before = progress.pending.len();
        let (file, pending) = (&progress.file, &mut progress.pending);
        self.encoder
            .add_fallback(bytes, reason, file, pending, self.metrics);
        progress.note(before, number);
    }

    /// Forwards the fallback event of the end of a truncated or corrupt object, even if the object is
    /// not known to hold CloudTrail events: the damage must be visible.
    pub(super) fn truncated_end(
        &mut self,
        bytes: &[u8],
        reason: &str,
        progress: &mut ObjectProgress<'_>,
    ) {
        self.become_known(progress);
        self.metrics.counters.records_failed += 1;
        if let Some(number) = progress.advance() {
            self.fallback(bytes, reason, number, progress);
        }
    }
}
