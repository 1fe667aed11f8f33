//! Reading raw values: what every setting has in common.

use std::ops::RangeInclusive;

use crate::problem::{Problem, Problems, shown};
use crate::raw::RawSettings;
use crate::resolved::Origin;
use crate::table;

/// One line of `Settings::describe`.
pub(crate) type Row = (&'static str, String, Origin);

/// Reads values and collects what is wrong with them, so that a user sees all
/// of it at once. A wrong value reads as unset; [`Reader::finish`] then fails.
pub(crate) struct Reader<'a> {
    raw: &'a RawSettings,
    problems: Vec<Problem>,
    rows: Vec<Row>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(raw: &'a RawSettings) -> Self {
        Self {
            raw,
            problems: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// The rows in the order they were read, or every problem.
    pub(crate) fn finish(self) -> Result<Vec<Row>, Problems> {
        if self.problems.is_empty() {
            Ok(self.rows)
        } else {
            Err(Problems(self.problems))
        }
    }

    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.raw.get(name).is_some()
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.raw.names()
    }

    /// Reports one problem of the setting `name`.
    pub(crate) fn problem(&mut self, name: &str, message: impl Into<String>) {
        self.problems.push(Problem {
            setting: name.to_owned(),
            message: message.into(),
            accepts: table::setting(name).map_or("", |setting| setting.accepts),
        });
    }

    /// Notes what `name` came to, for `Settings::describe`.
    pub(crate) fn resolved(&mut self, name: &'static str, value: impl Into<String>) {
        let origin = if self.is_set(name) {
            Origin::Set
        } else {
            Origin::Default
        };
        self.rows.push((name, value.into(), origin));
    }

    /// The value as given. A blank one is a problem: it comes from a broken
    /// template, and reading it as the default would turn masking off unseen.
    pub(crate) fn text(&mut self, name: &str) -> Option<&'a str> {
        let value = self.raw.get(name)?;
        if value.trim().is_empty() {
            self.problem(
                name,
                "is set but blank; give it a value or do not set it at all",
            );
            return None;
        }
        Some(value)
    }

    /// One of a fixed list of words, exactly as spelt; `default` when unset.
    pub(crate) fn word<T: Copy + PartialEq>(
        &mut self,
        name: &'static str,
        words: &[(&'static str, T)],
        default: T,
    ) -> T {
        let chosen = match self.text(name) {
            None => default,
            Some(text) => find_word(words, text).unwrap_or_else(|wrong| {
                self.problem(name, wrong);
                default
            }),
        };
        let spelt = words.iter().find(|(_, value)| *value == chosen);
        self.resolved(name, spelt.map_or("", |(word, _)| word));
        chosen
    }

    /// A whole number in plain digits within `range`.
    pub(crate) fn number(&mut self, name: &str, range: RangeInclusive<usize>) -> Option<usize> {
        let text = self.text(name)?;
        // `parse` alone would take a leading plus.
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            self.problem(
                name,
                "is not a whole number in plain digits, without separators or units",
            );
            return None;
        }
        // A number too large for the type is out of range like any other.
        let number = text.parse().ok().filter(|number| range.contains(number));
        if number.is_none() {
            self.problem(name, "is out of range");
        }
        number
    }

    /// The comma-separated entries of a list, blanks around them removed. A
    /// blank entry is a problem.
    pub(crate) fn entries(&mut self, name: &str) -> Option<Vec<&'a str>> {
        let text = self.text(name)?;
        let entries: Vec<&str> = text.split(',').map(str::trim).collect();
        if let Some(at) = entries.iter().position(|entry| entry.is_empty()) {
            self.problem(name, format!("entry {} is blank", at + 1));
            return None;
        }
        Some(entries)
    }

    /// Short printable text without blanks, as in an index name.
    pub(crate) fn token(&mut self, name: &str) -> Option<&'a str> {
        let text = self.text(name)?;
        let plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'\\');
        if text.len() > 128 {
            self.problem(name, "is longer than 128 characters");
            None
        } else if !text.bytes().all(plain) {
            self.problem(name, "has a character that is not allowed");
            None
        } else {
            Some(text)
        }
    }
}

/// The value of the word `text`, or what is wrong with it.
pub(crate) fn find_word<T: Copy>(words: &[(&'static str, T)], text: &str) -> Result<T, String> {
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
        return Ok(*value);
    }
    let near = words
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(text.trim()));
    Err(match near {
        Some((word, _)) => format!("{} is not a known word; write {word}", shown(text)),
        None => format!("{} is not a known word", shown(text)),
    })
}
