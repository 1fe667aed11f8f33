//! What was delivered of requests that Firehose may send again.

use std::collections::{HashMap, VecDeque};

use hec::EventBatch;
use hec_client::DeliveryReport;
use sha2::{Digest as _, Sha256};

/// The most requests that are remembered: few requests are under way apart from repeated ones.
const MOST_REQUESTS: usize = 64;

/// The most objects that are remembered, some 40 bytes each.
const MOST_OBJECTS: usize = 500_000;

/// Half of an object's SHA-256: objects of one digest are the same object.
type Digest = u128;

/// The objects of the last requests that are accepted or kept. What is forgotten is delivered
/// twice, never lost.
#[derive(Default)]
pub(crate) struct Settled {
    /// The oldest first.
    requests: VecDeque<Remembered>,
    objects: usize,
}

struct Remembered {
    id: String,
    /// How often each object is settled.
    settled: HashMap<Digest, usize>,
    objects: usize,
}

impl Settled {
    /// Those of the `objects` of request `id` that are still to be delivered, in order.
    pub(crate) fn outstanding(&self, id: &str, objects: EventBatch) -> EventBatch {
        let Some(known) = self.requests.iter().find(|request| request.id == id) else {
            return objects;
        };
        // Identical objects are as many events.
        let mut settled = known.settled.clone();
        let mut outstanding = EventBatch::default();
        for number in 0..objects.len() {
            let object = objects.lines(number..number + 1);
            match settled.get_mut(&digest(object)) {
                Some(count) if *count > 0 => *count -= 1,
                _ => outstanding.push(object),
            }
        }
        outstanding
    }

    /// Remembers what became of the `objects` of request `id`.
    pub(crate) fn remember(&mut self, id: &str, objects: &EventBatch, report: &DeliveryReport) {
        let mut is_left = vec![false; objects.len()];
        for range in &report.undelivered {
            is_left[range.clone()].fill(true);
        }
        let mut request = self.take(id);
        for number in (0..objects.len()).filter(|number| !is_left[*number]) {
            let object = digest(objects.lines(number..number + 1));
            *request.settled.entry(object).or_default() += 1;
            request.objects += 1;
        }
        if request.objects > 0 {
            self.objects += request.objects;
            self.requests.push_back(request);
        }
        while self.requests.len() > MOST_REQUESTS || self.objects > MOST_OBJECTS {
            let Some(oldest) = self.requests.pop_front() else {
                break;
            };
            self.objects -= oldest.objects;
        }
    }

    fn take(&mut self, id: &str) -> Remembered {
        let place = self.requests.iter().position(|request| request.id == id);
        let known = place.and_then(|place| self.requests.remove(place));
        self.objects -= known.as_ref().map_or(0, |known| known.objects);
        known.unwrap_or_else(|| Remembered {
            id: id.to_owned(),
            settled: HashMap::new(),
            objects: 0,
        })
    }
}

fn digest(object: &[u8]) -> Digest {
    let digest = Sha256::digest(object);
    let half = digest[..16].try_into();
    Digest::from_be_bytes(half.expect("a SHA-256 digest has 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(lines: &str) -> EventBatch {
        EventBatch::from_lines(lines.as_bytes().to_vec())
    }

    /// Delivered but for the objects of these numbers.
    fn all_but(left: &[usize]) -> DeliveryReport {
        DeliveryReport {
            undelivered: left.iter().map(|number| *number..number + 1).collect(),
            ..DeliveryReport::default()
        }
    }

    #[test]
    fn what_is_left_is_outstanding_and_what_is_not_is_not() {
        let mut settled = Settled::default();
        let all = objects("a\nb\nc\nd");
        assert_eq!(settled.outstanding("1", all.clone()), all);
        settled.remember("1", &all, &all_but(&[1, 3]));
        assert_eq!(settled.outstanding("1", all.clone()), objects("b\nd"));
        assert_eq!(settled.outstanding("2", all.clone()), all);

        settled.remember("1", &objects("b\nd"), &all_but(&[0]));
        assert_eq!(settled.outstanding("1", all.clone()), objects("b"));
        settled.remember("1", &objects("b"), &all_but(&[]));
        assert!(settled.outstanding("1", all).is_empty());
    }

    #[test]
    fn another_object_under_the_same_id_is_outstanding() {
        let mut settled = Settled::default();
        settled.remember("1", &objects("a\na\nb"), &all_but(&[]));
        let again = objects("c\na\na\na\nb");
        assert_eq!(settled.outstanding("1", again), objects("c\na"));
    }

    #[test]
    fn nothing_settled_is_nothing_to_remember() {
        let mut settled = Settled::default();
        settled.remember("1", &objects("a\nb"), &all_but(&[0, 1]));
        settled.remember("2", &EventBatch::default(), &all_but(&[]));
        assert!(settled.requests.is_empty());
    }

    #[test]
    fn the_oldest_requests_are_forgotten() {
        let mut settled = Settled::default();
        for id in 0..MOST_REQUESTS {
            settled.remember(&id.to_string(), &objects("a"), &all_but(&[]));
        }
        settled.remember("0", &objects("b"), &all_but(&[]));
        settled.remember("new", &objects("a\nb"), &all_but(&[]));
        assert_eq!((settled.requests.len(), settled.objects), (64, 66));
        assert!(settled.outstanding("0", objects("a\nb")).is_empty());
        assert_eq!(settled.outstanding("1", objects("a")), objects("a"));

        let many = "a\n".repeat(MOST_OBJECTS + 1);
        settled.remember("many", &objects(&many), &all_but(&[]));
        assert_eq!((settled.requests.len(), settled.objects), (0, 0));
    }
}
