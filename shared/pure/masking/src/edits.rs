//! The parts of a record that are replaced.

use std::cmp::Reverse;
use std::ops::Range;

use crate::decoded_text::SourceMap;

/// What happens to a part of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Change {
    /// It is kept, whatever is found in it.
    Keep,
    /// It is replaced by this part of [`Edits::tokens`].
    Replace(Range<usize>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Edit {
    range: Range<usize>,
    change: Change,
}

/// Where an edit of a JSON text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placement {
    /// Within the content of one string.
    InString,
    /// A number: its pseudonym needs quotes.
    Number,
    /// Anywhere else: the edit is dropped.
    Elsewhere,
}

/// The edits of one record: first in the order in which they are found, in record order after
/// [`Edits::resolve_overlaps`].
#[derive(Default)]
pub(crate) struct Edits {
    all: Vec<Edit>,
    tokens: String,
}

impl Edits {
    pub(crate) fn clear(&mut self) {
        self.all.clear();
        self.tokens.clear();
    }

    /// The number of edits, for [`Edits::place`].
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// Keeps `range` unchanged.
    pub(crate) fn keep(&mut self, range: Range<usize>) {
        if !range.is_empty() {
            let change = Change::Keep;
            self.all.push(Edit { range, change });
        }
    }

    /// Replaces `range` with `token`.
    pub(crate) fn replace(&mut self, range: Range<usize>, token: &str) {
        self.replace_quoted(range, token, "");
    }

    /// Replaces `range` with `token` between two `quote`s.
    pub(crate) fn replace_quoted(&mut self, range: Range<usize>, token: &str, quote: &str) {
        let start = self.tokens.len();
        self.tokens.extend([quote, token, quote]);
        let change = Change::Replace(start..self.tokens.len());
        self.all.push(Edit { range, change });
    }

    /// Whether one of the first edits from `first` on replaces all of `range`. Saves work where it
    /// is known, and is limited, so that a record with many edits does not cost their square.
    pub(crate) fn cover(&self, first: usize, range: &Range<usize>) -> bool {
        const MOST: usize = 32;
        self.all[first..].iter().take(MOST).any(|edit| {
            edit.range.start <= range.start
                && range.end <= edit.range.end
                && edit.change != Change::Keep
        })
    }

    /// Moves the edits from `first` on, whose ranges are those of a decoded or nested text, to
    /// their positions in the record, and drops those that are not where an edit may be.
    pub(crate) fn place(
        &mut self,
        first: usize,
        map: SourceMap<'_>,
        placement: impl Fn(&Range<usize>) -> Placement,
    ) {
        let mut kept = first;
        for at in first..self.all.len() {
            let placement = placement(&self.all[at].range);
            let edit = &mut self.all[at];
            match (placement, &edit.change) {
                (Placement::Elsewhere, _) | (Placement::Number, Change::Keep) => continue,
                (Placement::InString, _) => {}
                (Placement::Number, Change::Replace(token)) => {
                    let token = token.clone();
                    let start = self.tokens.len();
                    self.tokens.push_str(map.quote());
                    self.tokens.extend_from_within(token);
                    self.tokens.push_str(map.quote());
                    edit.change = Change::Replace(start..self.tokens.len());
                }
            }
            edit.range = map.raw_range(edit.range.clone());
            self.all.swap(kept, at);
            kept += 1;
        }
        self.all.truncate(kept);
    }

    /// Sorts the edits and makes them disjoint: of two overlapping edits the earlier one wins,
    /// of two with the same start the longer one; the rest of the other is replaced with it, so
    /// that no part of a name remains.
    pub(crate) fn resolve_overlaps(&mut self) {
        self.all
            .sort_by_key(|edit| (edit.range.start, Reverse(edit.range.end)));
        let mut last = 0;
        for at in 1..self.all.len() {
            let mut edit = self.all[at].clone();
            let before = &mut self.all[last];
            if before.range.end > edit.range.start {
                if edit.range.end <= before.range.end {
                    continue;
                }
                match (&before.change, &edit.change) {
                    (Change::Replace(_), Change::Replace(_)) => {
                        before.range.end = edit.range.end;
                        continue;
                    }
                    (Change::Keep, Change::Replace(_)) => edit.range.start = before.range.end,
                    (_, Change::Keep) => continue,
                }
            }
            last += 1;
            self.all[last] = edit;
        }
        self.all.truncate(last + 1);
        self.all.retain(|edit| edit.change != Change::Keep);
    }

    /// Whether anything in `range` is replaced.
    pub(crate) fn touch(&self, range: &Range<usize>) -> bool {
        self.within(range).next().is_some()
    }

    fn within(&self, range: &Range<usize>) -> impl Iterator<Item = &Edit> {
        let first = self
            .all
            .partition_point(|edit| edit.range.start < range.start);
        let end = range.end;
        self.all[first..]
            .iter()
            .take_while(move |edit| edit.range.end <= end)
    }

    /// Appends `text[range]` with its replacements.
    pub(crate) fn write(&self, text: &[u8], range: Range<usize>, out: &mut Vec<u8>) {
        let mut at = range.start;
        for edit in self.within(&range) {
            if let Change::Replace(token) = &edit.change {
                out.extend_from_slice(&text[at..edit.range.start]);
                out.extend_from_slice(self.tokens[token.clone()].as_bytes());
                at = edit.range.end;
            }
        }
        out.extend_from_slice(&text[at..range.end]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(text: &str, edits: &[(Range<usize>, Option<&str>)]) -> String {
        let mut all = Edits::default();
        for (range, token) in edits {
            match token {
                Some(token) => all.replace(range.clone(), token),
                None => all.keep(range.clone()),
            }
        }
        all.resolve_overlaps();
        let mut out = Vec::new();
        all.write(text.as_bytes(), 0..text.len(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn edits_are_replaced_in_the_order_of_the_text() {
        assert_eq!(
            edited("0123456789", &[(7..8, Some("B")), (1..3, Some("A"))]),
            "0A3456B89"
        );
        assert_eq!(edited("0123456789", &[]), "0123456789");
    }

    #[test]
    fn what_overlaps_is_replaced_as_one() {
        assert_eq!(
            edited("0123456789", &[(1..5, Some("A")), (3..7, Some("B"))]),
            "0A789"
        );
        assert_eq!(
            edited("0123456789", &[(2..3, Some("B")), (2..7, Some("A"))]),
            "01A789"
        );
    }

    #[test]
    fn what_is_kept_is_kept_and_what_sticks_out_is_not() {
        assert_eq!(
            edited("0123456789", &[(2..3, Some("B")), (0..4, None)]),
            "0123456789"
        );
        assert_eq!(
            edited("0123456789", &[(2..6, Some("B")), (0..4, None)]),
            "0123B6789"
        );
        assert_eq!(edited("0123456789", &[(0..4, None)]), "0123456789");
    }
}
