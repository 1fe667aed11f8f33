//! One object to be forwarded, from some record on.

use delivery::ObjectId;
use serde::{Deserialize, Serialize};

/// An object, and how far it has been forwarded. As JSON it is the message that continues it:
/// `{"bucket":…,"key":…,"version":…,"next_record":…}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The bucket's name.
    pub bucket: String,
    /// The key, decoded.
    pub key: String,
    /// The version; the current one where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Records before this one are done with. Counts from 0.
    pub next_record: u64,
    /// Ranges of records behind it that were delivered as well, first and last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delivered: Vec<(u64, u64)>,
    /// The key it has if it is not the one above: routes differ in how they encode keys.
    #[serde(skip)]
    pub other_key: Option<String>,
}

impl Task {
    /// The whole of an object.
    pub fn new(bucket: &str, key: String, version: Option<String>) -> Self {
        Self {
            bucket: bucket.to_owned(),
            key,
            version,
            next_record: 0,
            delivered: Vec::new(),
            other_key: None,
        }
    }

    /// The object.
    pub fn object(&self) -> ObjectId {
        ObjectId {
            bucket: self.bucket.clone(),
            key: self.key.clone(),
            version: self.version.clone(),
        }
    }

    /// Whether the record of this number is done with.
    pub fn is_done(&self, number: u64) -> bool {
        let is_delivered = |(first, last): &(u64, u64)| (*first..=*last).contains(&number);
        number < self.next_record || self.delivered.iter().any(is_delivered)
    }

    /// The rest of the task, where the records of `left` are not delivered, those of `accepted`
    /// are, and none from `end` on was looked at. All in order.
    #[must_use]
    pub fn rest(&self, left: &[u64], accepted: &[u64], end: u64) -> Self {
        // What breaks off early gets less far than the times before.
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

#[cfg(test)]
mod tests {
    use super::Task;

    #[test]
    fn the_rest_begins_with_what_is_left_and_leaves_out_what_is_not() {
        let task = Task::new("b", "k".into(), None);
        let rest = task.rest(&[3, 4, 9], &[0, 1, 2, 5, 6, 8], 10);
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
        let again = rest.rest(&[9], &[3, 4, 7], 12);
        assert_eq!((again.next_record, again.delivered.len()), (9, 0));
        let stopped = task.rest(&[], &[0, 1], 2);
        assert_eq!((stopped.next_record, stopped.delivered.len()), (2, 0));
        // Broken off before it came as far as an earlier time.
        let early = rest.rest(&[], &[], 2);
        assert_eq!(early, rest);
    }

    #[test]
    fn a_message_is_the_contract_and_comes_back() {
        let mut task = Task::new("b", "a b+c".into(), Some("v".into()));
        task.next_record = 7;
        let text = serde_json::to_string(&task).unwrap();
        assert_eq!(
            text,
            r#"{"bucket":"b","key":"a b+c","version":"v","next_record":7}"#
        );
        assert_eq!(serde_json::from_str::<Task>(&text).unwrap(), task);
    }
}
