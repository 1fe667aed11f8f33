//! Splits a stream of text into values that are small enough to be parsed whole.
//!
//! A log file may be larger than memory; its records are not. [`Splitter`] looks only at quotes and
//! brackets. What it returns is validated by the [`Reader`](crate::Reader).

mod boundary;

use std::ops::Range;

use boundary::Boundary;
use thiserror::Error;

/// A value that is longer than the cap of the splitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a value of more than {cap} bytes begins at byte {at}")]
pub struct ValueTooLong {
    /// Offset of the value in the stream.
    pub at: u64,
    /// The maximum length in bytes.
    pub cap: usize,
}

/// One part of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamItem<'s> {
    /// An element of a log file's list.
    Record(&'s [u8]),
    /// Any other value, whole.
    Value(&'s [u8]),
}

/// How a log file starts that is split into its records.
const LIST_KEY: &[u8] = b"\"Records\"";

/// The list of a log file begins within this many bytes, or the file is not split.
const LIST_OPENING: usize = 64;

/// Receives a stream in chunks and returns it value by value.
///
/// A log file `{"Records":[…]}` is returned record by record, every other value whole. Members of a
/// log file after its records are omitted.
pub struct Splitter {
    buffer: Vec<u8>,
    /// Everything before this offset of the buffer has been returned.
    start: usize,
    scan: Boundary,
    /// Offset of the buffer in the stream.
    offset: u64,
    position: Position,
    ended: bool,
    cap: usize,
    wrapped: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    /// Between or in values of the stream.
    Top,
    /// In the list of a log file.
    Records,
    /// In a log file, after its list.
    AfterList,
}

impl Splitter {
    /// A splitter that buffers up to `cap` bytes of one value.
    pub fn new(cap: usize) -> Self {
        Self {
            buffer: Vec::new(),
            start: 0,
            scan: Boundary::default(),
            offset: 0,
            position: Position::Top,
            ended: false,
            cap,
            wrapped: Vec::new(),
        }
    }

    /// Adds the next chunk of the stream.
    pub fn push(&mut self, chunk: &[u8]) {
        self.buffer.drain(..self.start);
        self.offset += self.start as u64;
        self.scan.at -= self.start;
        self.start = 0;
        self.buffer.extend_from_slice(chunk);
    }

    /// Ends the stream: the rest is a value, whole or not.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// The next value, or `None` if more of the stream is needed or nothing is left. A record of a
    /// log file is returned as a log file of its own.
    ///
    /// # Errors
    /// See [`Splitter::next_item`].
    pub fn next_value(&mut self) -> Result<Option<&[u8]>, ValueTooLong> {
        let Some(value) = self.advance()? else {
            return Ok(None);
        };
        if self.position == Position::Top {
            return Ok(Some(&self.buffer[value]));
        }
        self.wrapped.clear();
        self.wrapped.extend_from_slice(b"{\"Records\":[");
        self.wrapped.extend_from_slice(&self.buffer[value]);
        self.wrapped.extend_from_slice(b"]}");
        Ok(Some(&self.wrapped))
    }

    /// The next value or record, or `None` if more of the stream is needed or nothing is left.
    ///
    /// # Errors
    /// A value is longer than the cap. The splitter must not be used afterwards, apart from
    /// [`Splitter::rest`].
    pub fn next_item(&mut self) -> Result<Option<StreamItem<'_>>, ValueTooLong> {
        let value = self.advance()?;
        Ok(value.map(|value| match self.position {
            Position::Top => StreamItem::Value(&self.buffer[value]),
            Position::Records | Position::AfterList => StreamItem::Record(&self.buffer[value]),
        }))
    }

    /// The offsets of the next value in the buffer.
    fn advance(&mut self) -> Result<Option<Range<usize>>, ValueTooLong> {
        loop {
            if !self.begin() {
                return Ok(None);
            }
            if self.position == Position::Top && self.scan.at == self.start {
                if self.buffer.len() - self.scan.at < LIST_OPENING && !self.ended {
                    return Ok(None);
                }
                if self.opens_list() {
                    continue;
                }
            }
            if !self.scan.reach_end(&self.buffer, self.start) {
                if self.buffer.len() - self.start > self.cap {
                    let at = self.offset + self.start as u64;
                    return Err(ValueTooLong { at, cap: self.cap });
                }
                if !self.ended {
                    return Ok(None);
                }
            }
            let value = std::mem::replace(&mut self.start, self.scan.at)..self.scan.at;
            self.scan.reset();
            return Ok(Some(value));
        }
    }

    /// The part of the stream that has not been returned yet.
    pub fn rest(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Moves to the first byte of a value. Returns whether there is one.
    fn begin(&mut self) -> bool {
        if self.scan.at > self.start && self.position != Position::AfterList {
            return true;
        }
        while let Some(&byte) = self.buffer.get(self.scan.at) {
            let after_list = self.position == Position::AfterList;
            if after_list && (self.scan.at > self.start || byte == b'"') {
                // A member after the list: its key and its value are skipped alike.
                if !self.scan.reach_end(&self.buffer, self.start) && !self.ended {
                    return false;
                }
                self.scan.reset();
                self.start = self.scan.at;
                continue;
            }
            match (self.position, byte) {
                (_, b' ' | b'\t' | b'\n' | b'\r') | (Position::Records, b',') => {}
                (Position::Records, b']') => self.position = Position::AfterList,
                (Position::AfterList, b'}') => self.position = Position::Top,
                (Position::AfterList, b'{' | b'[') => {
                    self.scan.enter();
                    continue;
                }
                (Position::AfterList, _) => {}
                _ => return true,
            }
            self.scan.at += 1;
            self.start = self.scan.at;
        }
        false
    }

    /// Enters the list if the value that begins here is a log file. Returns whether it is.
    fn opens_list(&mut self) -> bool {
        let start = self.scan.at;
        let space = |from: usize| {
            let rest = &self.buffer[from.min(self.buffer.len())..];
            from + rest.iter().take_while(|b| b.is_ascii_whitespace()).count()
        };
        let rest = |from: usize| self.buffer.get(from..).unwrap_or_default();
        if rest(start).first() != Some(&b'{') {
            return false;
        }
        let key = space(start + 1);
        if !rest(key).starts_with(LIST_KEY) {
            return false;
        }
        let colon = space(key + LIST_KEY.len());
        let list = space(colon + 1);
        let opens = rest(colon).first() == Some(&b':') && rest(list).first() == Some(&b'[');
        // A later list may not have arrived yet, and the result must not depend on the chunks.
        if !opens || list - start >= LIST_OPENING {
            return false;
        }
        self.scan.at = list + 1;
        self.start = self.scan.at;
        self.position = Position::Records;
        true
    }
}

#[cfg(test)]
mod tests;
