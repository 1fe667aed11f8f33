//! The parts of a record that are replaced.

use std::cmp::Reverse;
use std::ops::Range;

/// The decision about a part of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    /// It is kept, whatever is found in it.
    Kept,
    /// It is replaced by this part of [`Pieces::tokens`].
    Replaced(Range<usize>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    raw: Range<usize>,
    fate: Fate,
}

/// The pieces of one record, in record order after [`Pieces::settle`].
#[derive(Default)]
pub(crate) struct Pieces {
    all: Vec<Piece>,
    tokens: String,
}

impl Pieces {
    pub(crate) fn clear(&mut self) {
        self.all.clear();
        self.tokens.clear();
    }

    /// The number of pieces, for [`Pieces::settle`].
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// Keeps a part of the record unchanged.
    pub(crate) fn keep(&mut self, raw: Range<usize>) {
        if !raw.is_empty() {
            self.all.push(Piece {
                raw,
                fate: Fate::Kept,
            });
        }
    }

    /// Replaces a part of the record with `token`, between two `quote`s.
    pub(crate) fn replace(&mut self, raw: Range<usize>, token: &str, quote: &str) {
        let start = self.tokens.len();
        self.tokens.extend([quote, token, quote]);
        let fate = Fate::Replaced(start..self.tokens.len());
        self.all.push(Piece { raw, fate });
    }

    /// Sorts the pieces starting at `first`, which belong to one value, and makes them
    /// disjoint: of two overlapping pieces the earlier one wins, of two with the same start
    /// the longer one; the rest of the other is replaced with it, so that no part of a name
    /// remains.
    pub(crate) fn settle(&mut self, first: usize) {
        let found = &mut self.all[first..];
        if found.len() == 1 && found[0].fate != Fate::Kept {
            return;
        }
        found.sort_by_key(|piece| (piece.raw.start, Reverse(piece.raw.end)));
        let mut settled: Vec<Piece> = Vec::with_capacity(found.len());
        for piece in found {
            let Some(last) = settled
                .last_mut()
                .filter(|last| last.raw.end > piece.raw.start)
            else {
                settled.push(piece.clone());
                continue;
            };
            if piece.raw.end <= last.raw.end {
                continue;
            }
            match (&last.fate, &piece.fate) {
                (Fate::Replaced(_), Fate::Replaced(_)) => last.raw.end = piece.raw.end,
                (Fate::Kept, Fate::Replaced(_)) => {
                    let raw = last.raw.end..piece.raw.end;
                    settled.push(Piece {
                        raw,
                        fate: piece.fate.clone(),
                    });
                }
                (_, Fate::Kept) => {}
            }
        }
        settled.retain(|piece| piece.fate != Fate::Kept);
        self.all.truncate(first);
        self.all.append(&mut settled);
    }

    /// Whether anything in `range` is replaced.
    pub(crate) fn touch(&self, range: &Range<usize>) -> bool {
        self.within(range).next().is_some()
    }

    fn within(&self, range: &Range<usize>) -> impl Iterator<Item = &Piece> {
        let first = self
            .all
            .partition_point(|piece| piece.raw.start < range.start);
        let end = range.end;
        self.all[first..]
            .iter()
            .take_while(move |piece| piece.raw.end <= end)
    }

    /// Appends `text[range]` with its replacements.
    pub(crate) fn write(&self, text: &[u8], range: Range<usize>, out: &mut Vec<u8>) {
        let mut at = range.start;
        for piece in self.within(&range) {
            if let Fate::Replaced(token) = &piece.fate {
                out.extend_from_slice(&text[at..piece.raw.start]);
                out.extend_from_slice(self.tokens[token.clone()].as_bytes());
                at = piece.raw.end;
            }
        }
        out.extend_from_slice(&text[at..range.end]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(text: &str, pieces: &[(Range<usize>, Option<&str>)]) -> String {
        let mut all = Pieces::default();
        for (raw, token) in pieces {
            match token {
                Some(token) => all.replace(raw.clone(), token, ""),
                None => all.keep(raw.clone()),
            }
        }
        all.settle(0);
        let mut out = Vec::new();
        all.write(text.as_bytes(), 0..text.len(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn pieces_are_replaced_in_the_order_of_the_text() {
        assert_eq!(
            settled("0123456789", &[(7..8, Some("B")), (1..3, Some("A"))]),
            "0A3456B89"
        );
        assert_eq!(settled("0123456789", &[]), "0123456789");
    }

    #[test]
    fn what_overlaps_is_replaced_as_one() {
        assert_eq!(
            settled("0123456789", &[(1..5, Some("A")), (3..7, Some("B"))]),
            "0A789"
        );
        assert_eq!(
            settled("0123456789", &[(2..3, Some("B")), (2..7, Some("A"))]),
            "01A789"
        );
    }

    #[test]
    fn what_is_kept_is_kept_and_what_sticks_out_is_not() {
        assert_eq!(
            settled("0123456789", &[(2..3, Some("B")), (0..4, None)]),
            "0123456789"
        );
        assert_eq!(
            settled("0123456789", &[(2..6, Some("B")), (0..4, None)]),
            "0123B6789"
        );
        assert_eq!(settled("0123456789", &[(0..4, None)]), "0123456789");
    }
}
