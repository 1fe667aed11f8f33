//! Candidates: positions in a text that may contain something to mask.

use memchr::memmem::Finder;

use super::arn::{Arn, arn_at};
use super::assignment;
use super::subjects::Subjects;

/// One candidate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit {
    /// Offset in the text.
    pub(super) at: usize,
    pub(super) what: What,
}

/// The kind of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// An ARN, by its number.
    Arn(usize),
    /// The `@` of an email address.
    Mail,
    /// A percent-encoded byte.
    Percent,
    /// A comparison operator, or a quote of the value it compares with.
    Compare,
    /// A colon inside a possible address in an unusual notation.
    Colon,
    /// A subject by its number, and the length of its name in bytes.
    Subject(usize, usize),
}

/// The candidates of one text.
#[derive(Default)]
pub(super) struct Found {
    /// In the order of the text.
    pub(super) hits: Vec<Hit>,
    pub(super) arns: Vec<Arn>,
}

impl Found {
    /// All candidates of the text.
    pub(super) fn hits(&self) -> Hits<'_> {
        Hits {
            all: &self.hits,
            arns: &self.arns,
            base: 0,
            end: usize::MAX,
        }
    }
}

/// Upper limit of the bytes of an email address before its `@` (RFC 5321, section 4.5.3.1.1).
const LONGEST_MAIL: usize = 128;

/// The candidates in one value of a text.
#[derive(Clone, Copy)]
pub(super) struct Hits<'h> {
    pub(super) all: &'h [Hit],
    pub(super) arns: &'h [Arn],
    /// Offset of the value in the text.
    pub(super) base: usize,
    /// Offset after it.
    pub(super) end: usize,
}

impl<'h> Hits<'h> {
    /// Each with its offset in the value. Candidates that cross the value's quotes are
    /// omitted.
    pub(super) fn each(self) -> impl Iterator<Item = (usize, What)> + 'h {
        let is_inside = move |hit: &&Hit| {
            let length = match hit.what {
                What::Subject(_, length) => length,
                _ => 1,
            };
            hit.at >= self.base && hit.at + length <= self.end
        };
        let hits = self.all.iter().filter(is_inside);
        hits.map(move |hit| (hit.at - self.base, hit.what))
    }

    /// The candidates around the offset `at` of the value.
    pub(super) fn near(self, at: usize) -> impl Iterator<Item = (usize, What)> + 'h {
        let at = at + self.base;
        let first = self.all.partition_point(|hit| hit.at + LONGEST_MAIL < at);
        let end = self.all.partition_point(|hit| hit.at <= at);
        Hits {
            all: &self.all[first..end],
            ..self
        }
        .each()
    }

    pub(super) fn have(self, what: What) -> bool {
        self.all.iter().any(|hit| hit.what == what)
    }
}

/// Finds candidates in successive texts.
pub(super) struct Search {
    arn: Finder<'static>,
}

impl Search {
    pub(super) fn new() -> Self {
        Self {
            arn: Finder::new("arn:"),
        }
    }

    /// Replaces the content of `found` with the ARNs of `text`.
    pub(super) fn fill_arns(&self, text: &str, found: &mut Found) {
        found.hits.clear();
        found.arns.clear();
        for at in self.arn.find_iter(text.as_bytes()) {
            let is_border = !text.as_bytes()[..at]
                .last()
                .is_some_and(u8::is_ascii_alphanumeric);
            if let Some(arn) = arn_at(text, at).filter(|_| is_border) {
                let what = What::Arn(found.arns.len());
                found.hits.push(Hit { at, what });
                found.arns.push(arn);
            }
        }
    }

    /// Adds the other candidates of `text` to the ARNs in `found`.
    pub(super) fn fill(&self, text: &str, subjects: &Subjects, found: &mut Found) {
        let hits = &mut found.hits;
        let bytes = text.as_bytes();
        let mut note = |at, what| hits.push(Hit { at, what });
        for at in memchr::memchr2_iter(b'@', b'%', bytes) {
            let is_mail = bytes[at] == b'@';
            note(at, if is_mail { What::Mail } else { What::Percent });
        }
        memchr::memchr2_iter(b'=', b'\'', bytes)
            .filter(|at| bytes[*at] == b'\'' || assignment::may_compare(&bytes[..*at]))
            .for_each(|at| note(at, What::Compare));
        subjects.each_place(text, |subject, at, length| {
            note(at, What::Subject(subject, length))
        });
        if subjects.has_odd_spellings(bytes) {
            let is_part = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_hexdigit() || *b == b':');
            memchr::memchr_iter(b':', bytes)
                .filter(|at| is_part(bytes[..*at].last()) && is_part(bytes.get(at + 1)))
                .for_each(|at| note(at, What::Colon));
        }
        hits.sort_unstable_by_key(|hit| hit.at);
    }
}
