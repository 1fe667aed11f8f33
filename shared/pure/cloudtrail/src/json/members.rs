//! An object, member by member.

use std::borrow::Cow;

use super::scalar::{skip_space, string_end};
use super::unescape::string_value;
use super::walk::{Skip, key, walk};
use crate::error::{JsonError, JsonErrorKind};

/// One member of an object: its key without escapes, and where its value begins.
pub(crate) struct Member<'a> {
    pub(crate) key: Cow<'a, str>,
    pub(crate) value: usize,
}

/// An iterator over the members of an object whose values the caller parses.
#[derive(Clone, Copy)]
pub(crate) struct Members {
    at: usize,
    first: bool,
}

impl Members {
    /// At the object whose brace is at `at`.
    ///
    /// # Errors
    /// There is no brace.
    pub(crate) fn open(text: &[u8], at: usize) -> Result<Self, JsonError> {
        match text.get(at) {
            Some(b'{') => Ok(Self {
                at: at + 1,
                first: true,
            }),
            _ => Err(JsonError::here(text, at)),
        }
    }

    /// The next member, or `None` where the object ends. Between two calls the caller moves
    /// past the value with [`Members::resume`] or [`Members::skip`].
    ///
    /// # Errors
    /// The text is not an object.
    pub(crate) fn next<'a>(&mut self, text: &'a [u8]) -> Result<Option<Member<'a>>, JsonError> {
        let mut at = skip_space(text, self.at);
        match text.get(at) {
            Some(b'}') => {
                self.at = at + 1;
                return Ok(None);
            }
            Some(b',') if !self.first => at = skip_space(text, at + 1),
            _ if self.first => {}
            _ => return Err(JsonError::here(text, at)),
        }
        self.first = false;
        let start = at + 1;
        key(text, &mut at, 1, &mut Skip)?;
        let (end, _) = string_end(text, start)?;
        let key = string_value(&text[start..end]).ok_or(JsonError {
            kind: JsonErrorKind::Syntax,
            at: start,
        })?;
        Ok(Some(Member { key, value: at }))
    }

    /// Continues at `at`, after a value.
    pub(crate) fn resume(&mut self, at: usize) {
        self.at = at;
    }

    /// Skips the value at `value` and returns the offset after it.
    ///
    /// # Errors
    /// The value is not valid JSON.
    pub(crate) fn skip(&mut self, text: &[u8], value: usize) -> Result<usize, JsonError> {
        self.at = walk(text, value, &mut Skip)?;
        Ok(self.at)
    }

    /// After [`Members::next`] has returned `None`: the offset after the object.
    pub(crate) fn end(&self) -> usize {
        self.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_through_members() {
        let text = br#" {"a":1, "b" : [ {"c":2} ] ,"d":{}} tail"#;
        let mut members = Members::open(text, 1).unwrap();
        let mut keys = Vec::new();
        while let Some(member) = members.next(text).unwrap() {
            keys.push(member.key);
            members.skip(text, member.value).unwrap();
        }
        assert_eq!(keys, ["a", "b", "d"]);
        assert_eq!(&text[members.end()..], b" tail");
    }
}
