//! Faults at random points of a run, from a seed.

use std::time::Duration;

use fastrand::Rng;

use super::{Fault, ReplyCode, UnknownChannel};

/// The number of requests and polls with faults. It is limited, so that a run ends.
const FAULTS: std::ops::Range<usize> = 5..40;

/// The faults of one run. The same seed gives the same incidents; the client decides which request
/// each applies to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incidents {
    /// For requests with events, in order.
    pub requests: Vec<Fault>,
    /// For acknowledgment polls, in order.
    pub polls: Vec<Fault>,
    /// For polls on channels that the collector lost in a restart.
    pub unknown_channel: UnknownChannel,
}

impl Incidents {
    /// Restarts, lost requests, lost and late replies, events that stay in memory, and
    /// acknowledgments that stay `false`. Late replies are delayed by up to `slow`.
    pub fn seeded(seed: u64, slow: Duration) -> Self {
        let mut rng = Rng::with_seed(seed);
        let requests = rng.usize(FAULTS);
        let polls = rng.usize(FAULTS);
        Self {
            requests: (0..requests).map(|_| request(&mut rng, slow)).collect(),
            polls: (0..polls).map(|_| poll(&mut rng, slow)).collect(),
            unknown_channel: if rng.bool() {
                UnknownChannel::Pending
            } else {
                UnknownChannel::Rejected
            },
        }
    }
}

fn request(rng: &mut Rng, slow: Duration) -> Fault {
    match rng.u32(0..100) {
        0..25 => Fault::IndexedAfter(None),
        25..50 => Fault::IndexedAfter(Some(part(rng, slow))),
        50..60 => Fault::Restart,
        60..66 => Fault::ResetMidBody,
        66..74 => Fault::ResetAfterIndexing,
        74..80 => Fault::BusyAtInMemory(rng.usize(1..6)),
        80..84 => Fault::BusyCode9,
        84..88 => Fault::Reply(ReplyCode::AcksFull),
        88..92 => Fault::NeverAck,
        92..96 => Fault::Slow(part(rng, slow)),
        _ => usual(),
    }
}

fn poll(rng: &mut Rng, slow: Duration) -> Fault {
    match rng.u32(0..100) {
        0..10 => Fault::Restart,
        10..20 => Fault::ResetMidBody,
        20..35 => Fault::ResetAfterIndexing,
        35..45 => Fault::Slow(part(rng, slow)),
        45..50 => Fault::BusyCode9,
        50..55 => Fault::Reply(ReplyCode::InvalidChannel),
        55..60 => Fault::HtmlOk,
        _ => usual(),
    }
}

fn usual() -> Fault {
    Fault::Slow(Duration::ZERO)
}

fn part(rng: &mut Rng, of: Duration) -> Duration {
    of.mul_f64(rng.f64())
}
