//! The events that were delivered of requests that Firehose may repeat.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;

use hec::EventBatch;
use sha2::{Digest as _, Sha256};

/// The maximum number of requests in the cache. Few requests are in flight at a time.
const MAX_REQUESTS: usize = 64;

/// The maximum number of HEC objects in the cache, some 40 bytes each.
const MAX_OBJECTS: usize = 500_000;

/// Half of an object's SHA-256; objects with the same digest are equal.
type Digest = u128;

/// The objects of recent requests that were accepted or stored as dead letters. An object that is no
/// longer in the cache is delivered twice, never lost.
#[derive(Default)]
pub struct DeliveredCache {
    /// The oldest first.
    requests: VecDeque<CachedRequest>,
    objects: usize,
}

struct CachedRequest {
    id: String,
    /// How often each object was delivered.
    delivered: HashMap<Digest, usize>,
    objects: usize,
}

impl DeliveredCache {
    /// The `objects` of request `id` that have not been delivered yet, in order.
    pub fn outstanding(&self, id: &str, objects: EventBatch) -> EventBatch {
        let Some(known) = self.requests.iter().find(|request| request.id == id) else {
            return objects;
        };
        // Identical objects are separate events.
        let mut delivered = known.delivered.clone();
        let mut outstanding = EventBatch::default();
        for number in 0..objects.len() {
            let object = objects.lines(number..number + 1);
            match delivered.get_mut(&digest(object)) {
                Some(count) if *count > 0 => *count -= 1,
                _ => outstanding.push(object),
            }
        }
        outstanding
    }

    /// Adds the `objects` of request `id`, except for those at the indices in `undelivered`.
    pub fn insert(&mut self, id: &str, objects: &EventBatch, undelivered: &[Range<usize>]) {
        let mut is_delivered = vec![true; objects.len()];
        for range in undelivered {
            is_delivered[range.clone()].fill(false);
        }
        let mut request = self.remove(id);
        for number in (0..objects.len()).filter(|number| is_delivered[*number]) {
            let object = digest(objects.lines(number..number + 1));
            *request.delivered.entry(object).or_default() += 1;
            request.objects += 1;
        }
        if request.objects > 0 {
            self.objects += request.objects;
            self.requests.push_back(request);
        }
        while self.requests.len() > MAX_REQUESTS || self.objects > MAX_OBJECTS {
            let Some(oldest) = self.requests.pop_front() else {
                break;
            };
            self.objects -= oldest.objects;
        }
    }

    /// Removes the request `id`, and returns it or an empty one.
    fn remove(&mut self, id: &str) -> CachedRequest {
        let index = self.requests.iter().position(|request| request.id == id);
        let known = index.and_then(|index| self.requests.remove(index));
        self.objects -= known.as_ref().map_or(0, |known| known.objects);
        known.unwrap_or_else(|| CachedRequest {
            id: id.to_owned(),
            delivered: HashMap::new(),
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
    #![expect(clippy::single_range_in_vec_init, reason = "these are lists of ranges")]

    use super::*;

    fn objects(lines: &str) -> EventBatch {
        EventBatch::from_lines(lines.as_bytes().to_vec())
    }

    #[test]
    fn undelivered_objects_are_outstanding() {
        let mut cache = DeliveredCache::default();
        let all = objects("a\nb\nc\nd");
        assert_eq!(cache.outstanding("1", all.clone()), all);
        cache.insert("1", &all, &[1..2, 3..4]);
        assert_eq!(cache.outstanding("1", all.clone()), objects("b\nd"));
        assert_eq!(cache.outstanding("2", all.clone()), all);

        cache.insert("1", &objects("b\nd"), &[0..1]);
        assert_eq!(cache.outstanding("1", all.clone()), objects("b"));
        cache.insert("1", &objects("b"), &[]);
        assert!(cache.outstanding("1", all).is_empty());
    }

    #[test]
    fn other_objects_with_the_same_request_id_are_outstanding() {
        let mut cache = DeliveredCache::default();
        cache.insert("1", &objects("a\na\nb"), &[]);
        let again = objects("c\na\na\na\nb");
        assert_eq!(cache.outstanding("1", again), objects("c\na"));
    }

    #[test]
    fn a_request_without_delivered_objects_is_not_cached() {
        let mut cache = DeliveredCache::default();
        cache.insert("1", &objects("a\nb"), &[0..2]);
        cache.insert("2", &EventBatch::default(), &[]);
        assert!(cache.requests.is_empty());
    }

    #[test]
    fn the_oldest_requests_are_removed() {
        let mut cache = DeliveredCache::default();
        for id in 0..MAX_REQUESTS {
            cache.insert(&id.to_string(), &objects("a"), &[]);
        }
        cache.insert("0", &objects("b"), &[]);
        cache.insert("new", &objects("a\nb"), &[]);
        assert_eq!((cache.requests.len(), cache.objects), (64, 66));
        assert!(cache.outstanding("0", objects("a\nb")).is_empty());
        assert_eq!(cache.outstanding("1", objects("a")), objects("a"));

        let many = "a\n".repeat(MAX_OBJECTS + 1);
        cache.insert("many", &objects(&many), &[]);
        assert_eq!((cache.requests.len(), cache.objects), (0, 0));
    }
}
