//! Indexer acknowledgement: ids per channel, each reported true once.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

/// The acknowledgements of one collector.
#[derive(Default)]
pub(super) struct Acks(Mutex<HashMap<String, Channel>>);

#[derive(Default)]
struct Channel {
    next: u64,
    indexed: HashSet<u64>,
}

impl Acks {
    /// The id of one accepted request: from 0 upwards per channel. With `indexed` false it
    /// never turns true.
    pub(super) fn give(&self, channel: &str, indexed: bool) -> u64 {
        let mut channels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let channel = channels.entry(channel.to_owned()).or_default();
        let id = channel.next;
        channel.next += 1;
        if indexed {
            channel.indexed.insert(id);
        }
        id
    }

    /// The reply to a poll: true once for what is indexed, false for everything else, unknown
    /// ids and channels included.
    pub(super) fn poll(&self, channel: &str, ids: &[u64]) -> String {
        let mut channels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut channel = channels.get_mut(channel);
        let mut reply = String::from("{\"acks\":{");
        for (position, id) in ids.iter().enumerate() {
            let indexed = channel.as_mut().is_some_and(|c| c.indexed.remove(id));
            let comma = if position == 0 { "" } else { "," };
            write!(reply, "{comma}\"{id}\":{indexed}").expect("writing to a string cannot fail");
        }
        reply.push_str("}}");
        reply
    }
}
