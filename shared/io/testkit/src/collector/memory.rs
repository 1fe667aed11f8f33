//! The memory of a collector: acknowledgments, and events that are accepted and not indexed yet. A
//! restart loses all of it.
//!
//! Modeled on Vector's `splunk_hec` source (vectordotdev/vector,
//! `src/sources/splunk_hec/acknowledgements.rs`): ids count from 0 in each channel, a status is
//! `true` once and then removed, unknown ids are `false`, and nothing survives a restart.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The reply to a poll on a channel that the collector does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownChannel {
    /// Every id is `false`, as with Vector.
    #[default]
    Pending,
    /// 400 with code 11.
    Rejected,
}

/// What happens to the events of an accepted request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// They are indexed at once.
    Indexed {
        /// Whether the acknowledgment becomes `true`.
        acknowledged: bool,
    },
    /// They stay in memory for this time; `None` is forever.
    Held(Option<Duration>),
}

#[derive(Default)]
pub(super) struct Memory(Mutex<State>);

#[derive(Default)]
struct State {
    channels: HashMap<String, Channel>,
    held: Vec<Held>,
}

#[derive(Default)]
struct Channel {
    next: u64,
    indexed: HashSet<u64>,
}

/// The events of one request that are not indexed yet.
struct Held {
    until: Option<Instant>,
    objects: Vec<Vec<u8>>,
    ack: Option<(String, u64)>,
}

impl Memory {
    /// The acknowledgment id of an accepted request. Counts from 0 in each channel.
    pub(super) fn acknowledge(&self, channel: &str, indexed: bool) -> u64 {
        let mut state = self.lock();
        let channel = state.channels.entry(channel.to_owned()).or_default();
        let id = channel.next_id();
        if indexed {
            channel.indexed.insert(id);
        }
        id
    }

    /// Keeps `objects` in memory, and returns the acknowledgment id if there is a channel. The
    /// acknowledgment becomes `true` when the objects are indexed.
    pub(super) fn hold(
        &self,
        objects: Vec<Vec<u8>>,
        channel: Option<&str>,
        time: Option<Duration>,
    ) -> Option<u64> {
        let mut state = self.lock();
        let ack = channel.map(|name| {
            let channel = state.channels.entry(name.to_owned()).or_default();
            (name.to_owned(), channel.next_id())
        });
        let id = ack.as_ref().map(|(_, id)| *id);
        state.held.push(Held {
            until: time.map(|time| Instant::now() + time),
            objects,
            ack,
        });
        id
    }

    /// The objects whose time in memory is over, which count as indexed from now on.
    pub(super) fn release(&self) -> Vec<Vec<u8>> {
        let now = Instant::now();
        let mut state = self.lock();
        let is_due = |held: &mut Held| held.until.is_some_and(|until| until <= now);
        let due: Vec<Held> = state.held.extract_if(.., is_due).collect();
        for (name, id) in due.iter().filter_map(|held| held.ack.as_ref()) {
            if let Some(channel) = state.channels.get_mut(name) {
                channel.indexed.insert(*id);
            }
        }
        due.into_iter().flat_map(|held| held.objects).collect()
    }

    /// The reply to a poll: `true` once for each indexed request, `false` for every other id. `None`
    /// for an unknown channel if these are rejected.
    pub(super) fn poll(&self, name: &str, ids: &[u64], unknown: UnknownChannel) -> Option<String> {
        let mut state = self.lock();
        let mut channel = state.channels.get_mut(name);
        if channel.is_none() && unknown == UnknownChannel::Rejected {
            return None;
        }
        let mut reply = String::from("{\"acks\":{");
        for (position, id) in ids.iter().enumerate() {
            let indexed = channel.as_mut().is_some_and(|c| c.indexed.remove(id));
            let comma = if position == 0 { "" } else { "," };
            write!(reply, "{comma}\"{id}\":{indexed}").expect("writing to a string cannot fail");
        }
        reply.push_str("}}");
        Some(reply)
    }

    /// Removes everything.
    pub(super) fn restart(&self) {
        *self.lock() = State::default();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Channel {
    fn next_id(&mut self) -> u64 {
        let id = self.next;
        self.next += 1;
        id
    }
}
