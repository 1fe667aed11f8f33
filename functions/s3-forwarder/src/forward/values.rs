//! What becomes of each value of an object.

use cloudtrail::Cut;
use pipeline::Unreadable;
use tracing::warn;

use super::Forward;
use crate::reading::Reading;

impl Forward<'_> {
    /// Takes one record, or a value that is to tell itself what it is.
    pub(super) fn cut(&mut self, cut: Cut<'_>, reading: &mut Reading<'_>) {
        let Some(number) = reading.advance() else {
            return;
        };
        match cut {
            Cut::Value(value) => self.value(value, number, reading),
            Cut::Record(record) => {
                self.known(reading);
                if self.has_other_route(record) {
                    return self.leave_out();
                }
                let before = reading.pending.len();
                self.encoder
                    .add_record(record, &reading.file, &mut reading.pending, self.tally);
                reading.note(before, number);
            }
        }
    }

    fn value(&mut self, value: &[u8], number: u64, reading: &mut Reading<'_>) {
        let before = reading.pending.len();
        match self.read(value, reading) {
            Ok(()) => {
                reading.note(before, number);
                self.known(reading);
            }
            Err(reason) if reading.is_known => self.strange(value, &reason, number, reading),
            Err(reason) => reading.put_aside(number, value, reason),
        }
    }

    /// Adds what leaves of `value` to what is pending.
    fn read(&mut self, value: &[u8], reading: &mut Reading<'_>) -> Result<(), String> {
        let text = std::str::from_utf8(value)
            .map_err(|error| format!("not UTF-8 at byte {}", error.valid_up_to()))?;
        let (route, pending) = (&reading.route, &mut reading.pending);
        let limit = self.only_over_bytes;
        let added = self
            .encoder
            .add_over(limit, text, route, pending, self.tally);
        match added {
            Ok(_) | Err(Unreadable::Empty) => Ok(()),
            Err(unreadable) => Err(unreadable.to_string()),
        }
    }

    /// Hands on what stands for the values that could not be read before the object was known to
    /// be CloudTrail's.
    fn known(&mut self, reading: &mut Reading<'_>) {
        for strange in reading.become_known() {
            self.strange(&strange.value, &strange.reason, strange.number, reading);
        }
    }

    /// Hands on what stands for a value of an object that is CloudTrail's.
    fn strange(&mut self, value: &[u8], reason: &str, number: u64, reading: &mut Reading<'_>) {
        if self.has_other_route(value) {
            self.leave_out();
        } else {
            self.unreadable(value, reason, number, reading);
        }
    }

    /// Whether a record of CloudTrail's is left to other routes.
    fn has_other_route(&self, record: &[u8]) -> bool {
        let limit = self.only_over_bytes;
        limit.is_some_and(|limit| record.len() <= limit)
    }

    fn leave_out(&mut self) {
        self.tally.counters.events_in += 1;
        self.tally.counters.events_dropped += 1;
    }

    /// Hands on what stands for `bytes`, the record of this number.
    fn unreadable(&mut self, bytes: &[u8], reason: &str, number: u64, reading: &mut Reading<'_>) {
        warn!(
            object = reading.input,
            record = number,
            reason,
            "a record cannot be read"
        );
        let before = reading.pending.len();
        let (file, pending) = (&reading.file, &mut reading.pending);
        self.encoder
            .add_unreadable(bytes, reason, file, pending, self.tally);
        reading.note(before, number);
    }

    /// Hands on what stands for the end of an object, which is not what it was. Whoever's the
    /// object is, that has to show.
    pub(super) fn broken_end(&mut self, bytes: &[u8], reason: &str, reading: &mut Reading<'_>) {
        self.known(reading);
        self.tally.counters.records_failed += 1;
        if let Some(number) = reading.advance() {
            self.unreadable(bytes, reason, number, reading);
        }
    }
}
