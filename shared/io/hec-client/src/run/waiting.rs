//! What of a round is still to be asked.

use std::collections::VecDeque;
use std::ops::Range;

/// Pieces that wait for their request.
pub(super) struct Waiting {
    pieces: VecDeque<Range<usize>>,
    /// The number of the next probe, which tells its place.
    pub(super) probe: usize,
}

impl Waiting {
    pub(super) fn new(batches: impl IntoIterator<Item = Range<usize>>, probe: usize) -> Self {
        Self {
            pieces: batches.into_iter().collect(),
            probe,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    pub(super) fn pop_first(&mut self) -> Option<Range<usize>> {
        self.pieces.pop_front()
    }

    /// Takes one object out of those that wait, each time from elsewhere: bad ones stand together.
    pub(super) fn take_probe(&mut self) -> Option<Range<usize>> {
        let all: usize = self.pieces.iter().map(Range::len).sum();
        let mut place = spread(self.probe, all);
        self.probe = self.probe.wrapping_add(1);
        let at = self.pieces.iter().position(|range| {
            let is_here = place < range.len();
            if !is_here {
                place -= range.len();
            }
            is_here
        })?;
        let range = self.pieces.remove(at)?;
        let object = range.start + place;
        // In the order they had.
        for part in [object + 1..range.end, range.start..object] {
            if !part.is_empty() {
                self.pieces.insert(at, part);
            }
        }
        Some(object..object + 1)
    }

    /// Puts these before all others, in this order.
    pub(super) fn push_first(&mut self, pieces: impl DoubleEndedIterator<Item = Range<usize>>) {
        for piece in pieces.rev().filter(|piece| !piece.is_empty()) {
            self.pieces.push_front(piece);
        }
    }

    pub(super) fn push_last<const N: usize>(&mut self, pieces: [Range<usize>; N]) {
        self.pieces.extend(pieces);
    }

    pub(super) fn into_pieces(self) -> impl Iterator<Item = Range<usize>> {
        self.pieces.into_iter()
    }
}

/// The place of the probe of this number among so many objects: any few in a row lie far apart.
fn spread(probe: usize, all: usize) -> usize {
    const GOLDEN: u64 = 0x9E37_79B9;
    let part = (probe as u64).wrapping_mul(GOLDEN) & 0xFFFF_FFFF;
    ((part * all as u64) >> 32) as usize
}

pub(super) fn halves(range: &Range<usize>) -> [Range<usize>; 2] {
    let middle = range.start + range.len() / 2;
    [range.start..middle, middle..range.end]
}

#[cfg(test)]
mod tests {
    use super::{Waiting, spread};

    #[test]
    fn probes_lie_far_apart_and_no_object_is_lost() {
        for all in 1..50 {
            let mut waiting = Waiting::new([0..all / 2, all / 2..all], 7);
            let mut taken = Vec::new();
            while let Some(probe) = waiting.take_probe() {
                assert_eq!(probe.len(), 1);
                taken.push(probe.start);
            }
            taken.sort_unstable();
            assert_eq!(taken, (0..all).collect::<Vec<_>>());
        }
        assert_eq!(
            [0, 1, 2, 3].map(|probe| spread(probe, 1000)),
            [0, 618, 236, 854]
        );
        assert_eq!(spread(usize::MAX, 0), 0);
    }
}
