//! An object to forward, from a given record on.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Maximum number of messages that continue one object. The message with this number is not processed:
/// it stays on its queue until the redrive policy moves it to the dead-letter queue.
///
/// Each continuation progresses by at least one request (`HEC_MAX_BYTES`, 1 MB by default), so that
/// the limit does not apply below 1 GB of HEC objects. A collector that accepts 100 KB per second
/// accepts 29 MB within the 300 s of an invocation, which makes 29 GB: far more than CloudTrail writes
/// into one log file. The limit ends endless continuations by a defect, because Lambda's own recursion
/// detection, which stops a chain after about 16 invocations, is off for this function (AWS Lambda
/// developer guide, "Use Lambda recursive loop detection to prevent infinite loops").
pub const MAX_HOPS: u32 = 1_000;

/// An object, and how far it has been forwarded. As JSON it is the message that continues it:
/// `{"bucket":…,"key":…,"version":…,"next_record":…,"hops":…}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectTask {
    /// The bucket's name.
    pub bucket: String,
    /// The key, decoded.
    pub key: String,
    /// The version; the current one if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Records before this one need no further work. Counts from 0.
    pub next_record: u64,
    /// Ranges of later records that have been delivered as well, first and last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delivered: Vec<(u64, u64)>,
    /// How many messages have continued the object so far.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub hops: u32,
    /// The key to try if there is no object under `key`: routes differ in how they encode keys.
    #[serde(skip)]
    pub other_key: Option<String>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_zero(hops: &u32) -> bool {
    *hops == 0
}

impl ObjectTask {
    /// The whole of an object.
    pub fn new(bucket: &str, key: String, version: Option<String>) -> Self {
        Self {
            bucket: bucket.to_owned(),
            key,
            version,
            next_record: 0,
            delivered: Vec::new(),
            hops: 0,
            other_key: None,
        }
    }

    /// Whether the record of this number needs no further work.
    pub fn is_done(&self, number: u64) -> bool {
        let is_delivered = |(first, last): &(u64, u64)| (*first..=*last).contains(&number);
        number < self.next_record || self.delivered.iter().any(is_delivered)
    }

    /// Whether the object has been continued as often as is allowed.
    pub fn is_exhausted(&self) -> bool {
        self.hops >= MAX_HOPS
    }

    /// The message that continues the object.
    pub fn continuation(&self) -> String {
        let next = Self {
            hops: self.hops.saturating_add(1),
            ..self.clone()
        };
        serde_json::to_string(&next).expect("a task is JSON")
    }

    /// What remains of the task if the records `left` are not delivered, the records `accepted` are, and
    /// no record from `end` on has been read. Both lists are in ascending order.
    #[must_use]
    pub fn remaining(&self, left: &[u64], accepted: &[u64], end: u64) -> Self {
        // An attempt that ends early may progress less than an earlier one.
        let next_record = left.first().copied().unwrap_or(end).max(self.next_record);
        let mut delivered: Vec<(u64, u64)> = Vec::new();
        let known = self
            .delivered
            .iter()
            .flat_map(|(first, last)| *first..=*last);
        let mut numbers: Vec<u64> = known.chain(accepted.iter().copied()).collect();
        numbers.sort_unstable();
        for number in numbers.into_iter().filter(|number| *number > next_record) {
            match delivered.last_mut() {
                Some((_, last)) if number <= *last + 1 => *last = number,
                _ => delivered.push((number, number)),
            }
        }
        Self {
            next_record,
            delivered,
            ..self.clone()
        }
    }
}

/// `s3://bucket/key`
impl fmt::Display for ObjectTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remaining_task_begins_with_the_first_undelivered_record() {
        let task = ObjectTask::new("b", "k".into(), None);
        let rest = task.remaining(&[3, 4, 9], &[0, 1, 2, 5, 6, 8], 10);
        assert_eq!(
            (rest.next_record, &rest.delivered[..]),
            (3, &[(5, 6), (8, 8)][..])
        );
        let done: Vec<bool> = (0..11).map(|n| rest.is_done(n)).collect();
        assert_eq!(
            done,
            [
                true, true, true, false, false, true, true, false, true, false, false
            ]
        );
        let again = rest.remaining(&[9], &[3, 4, 7], 12);
        assert_eq!((again.next_record, again.delivered.len()), (9, 0));
        let stopped = task.remaining(&[], &[0, 1], 2);
        assert_eq!((stopped.next_record, stopped.delivered.len()), (2, 0));
        // Ends before the record that an earlier attempt reached.
        let early = rest.remaining(&[], &[], 2);
        assert_eq!(early, rest);
    }

    #[test]
    fn a_continuation_is_the_documented_message_and_parses_back() {
        let mut task = ObjectTask::new("b", "a b+c".into(), Some("v".into()));
        task.next_record = 7;
        let text = task.continuation();
        assert_eq!(
            text,
            r#"{"bucket":"b","key":"a b+c","version":"v","next_record":7,"hops":1}"#
        );
        task.hops = 1;
        assert_eq!(serde_json::from_str::<ObjectTask>(&text).unwrap(), task);
    }

    #[test]
    fn a_message_without_a_hop_count_is_the_first() {
        let text = r#"{"bucket":"b","key":"k","next_record":7}"#;
        let task: ObjectTask = serde_json::from_str(text).unwrap();
        assert_eq!(task.hops, 0);
        assert_eq!(serde_json::to_string(&task).unwrap(), text);
    }

    #[test]
    fn only_continuations_count_as_hops_and_the_limit_ends_them() {
        let mut task = ObjectTask::new("b", "k".into(), None);
        assert_eq!(task.remaining(&[], &[0], 1).hops, 0);
        for hop in 1..=MAX_HOPS {
            assert!(!task.is_exhausted(), "hop {hop}");
            task = serde_json::from_str(&task.continuation()).unwrap();
            assert_eq!(task.hops, hop);
        }
        assert!(task.is_exhausted());
    }
}
