//! The access keys that a relay accepts: the current one, and for a limited time the previous one.

use std::time::{Duration, SystemTime};

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// How long after the creation of the current key the previous one is accepted. Firehose refreshes
/// its copy of the secret every ten minutes (Amazon Data Firehose Developer Guide, "Use the secret");
/// five more are for requests that it repeats.
const OVERLAP: Duration = Duration::from_secs(15 * 60);

/// The accepted access keys. Their memory is cleared when they are dropped.
pub struct AccessKeys {
    current: Zeroizing<String>,
    previous: Option<PreviousKey>,
}

struct PreviousKey {
    key: Zeroizing<String>,
    valid_until: SystemTime,
}

impl AccessKeys {
    /// Accepts the key `current`.
    pub fn new(current: &str) -> Self {
        Self {
            current: Zeroizing::new(current.to_owned()),
            previous: None,
        }
    }

    /// Accepts the key `previous` as well, until [`AccessKeys::overlap_end`] of the current one.
    #[must_use]
    pub fn with_previous(self, previous: &str, valid_until: SystemTime) -> Self {
        let key = Zeroizing::new(previous.to_owned());
        Self {
            previous: Some(PreviousKey { key, valid_until }),
            ..self
        }
    }

    /// The end of the time for which the key before one that was created at `created` is accepted.
    pub fn overlap_end(created: SystemTime) -> SystemTime {
        created + OVERLAP
    }

    /// Whether `given` is an accepted key at the time `now`. Compares in constant time for a given
    /// length.
    pub fn authorize(&self, given: &str, now: SystemTime) -> bool {
        let is = |key: &str| bool::from(key.as_bytes().ct_eq(given.as_bytes()));
        let is_previous = |previous: &PreviousKey| now < previous.valid_until && is(&previous.key);
        is(&self.current) || self.previous.as_ref().is_some_and(is_previous)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_previous_key_is_accepted_for_a_limited_time() {
        let created = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let end = AccessKeys::overlap_end(created);
        assert_eq!(end, created + Duration::from_secs(900));
        let keys = AccessKeys::new("second").with_previous("first", end);
        let before = end - Duration::from_secs(1);
        for (given, at, accepted) in [
            ("second", before, true),
            ("second", end, true),
            ("first", before, true),
            ("first", end, false),
            ("third", before, false),
            ("", before, false),
        ] {
            assert_eq!(keys.authorize(given, at), accepted, "{given}");
        }
    }
}
