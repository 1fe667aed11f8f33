//! Cuts a stream of text into values small enough to be read whole.
//!
//! A log file may be larger than memory; its records are not. [`Splitter`] looks only at quotes
//! and brackets, and leaves it to the [`Reader`](crate::Reader) to judge what it cuts out.

use std::ops::Range;

use memchr::memchr2;
use thiserror::Error;

/// A value that does not end within what the caller buffers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a value of more than {cap} bytes begins at byte {at}")]
pub struct ValueTooLong {
    /// Offset of the value in the stream.
    pub at: u64,
    /// The most bytes that are buffered.
    pub cap: usize,
}

/// What is cut out of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamItem<'s> {
    /// An element of a log file's list.
    Record(&'s [u8]),
    /// Any other value, whole.
    Value(&'s [u8]),
}

/// How a log file begins that is to be cut into its records.
const LIST_KEY: &[u8] = b"\"Records\"";

/// Bytes within which a log file shows that it is one, generous with white space.
const LIST_OPENING: usize = 64;

/// Takes a stream in chunks and gives it back value by value.
///
/// A log file `{"Records":[…]}` comes back as one log file a record, every other value as it is.
/// Members of a log file beside its records are left out where they follow them.
pub struct Splitter {
    buffer: Vec<u8>,
    /// Everything before is done with.
    start: usize,
    /// Everything before has been looked at.
    at: usize,
    /// Offset of the buffer in the stream.
    offset: u64,
    depth: usize,
    in_string: bool,
    place: Place,
    ended: bool,
    cap: usize,
    wrapped: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Between or in values of the stream.
    Top,
    /// In the list of a log file.
    Records,
    /// In a log file, behind its list.
    Behind,
}

impl Splitter {
    /// Buffers up to `cap` bytes of one value.
    pub fn new(cap: usize) -> Self {
        Self {
            buffer: Vec::new(),
            start: 0,
            at: 0,
            offset: 0,
            depth: 0,
            in_string: false,
            place: Place::Top,
            ended: false,
            cap,
            wrapped: Vec::new(),
        }
    }

    /// Takes the next chunk of the stream.
    pub fn push(&mut self, chunk: &[u8]) {
        self.buffer.drain(..self.start);
        self.offset += self.start as u64;
        self.at -= self.start;
        self.start = 0;
        self.buffer.extend_from_slice(chunk);
    }

    /// Says that there is no more: what is left is a value, whole or not.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// The next value, or `None` where more of the stream is needed or nothing is left. A record
    /// of a log file comes as a log file of its own.
    ///
    /// # Errors
    /// See [`Splitter::next_item`].
    pub fn next_value(&mut self) -> Result<Option<&[u8]>, ValueTooLong> {
        let Some(place) = self.advance()? else {
            return Ok(None);
        };
        if self.place == Place::Top {
            return Ok(Some(&self.buffer[place]));
        }
        self.wrapped.clear();
        self.wrapped.extend_from_slice(b"{\"Records\":[");
        self.wrapped.extend_from_slice(&self.buffer[place]);
        self.wrapped.extend_from_slice(b"]}");
        Ok(Some(&self.wrapped))
    }

    /// The next value or record, or `None` where more of the stream is needed or nothing is left.
    ///
    /// # Errors
    /// A value is longer than the cap. The splitter is of no use afterwards;
    /// [`Splitter::rest`] has what it holds.
    pub fn next_item(&mut self) -> Result<Option<StreamItem<'_>>, ValueTooLong> {
        let place = self.advance()?;
        Ok(place.map(|place| match self.place {
            Place::Top => StreamItem::Value(&self.buffer[place]),
            Place::Records | Place::Behind => StreamItem::Record(&self.buffer[place]),
        }))
    }

    /// Where the next value stands in the buffer.
    fn advance(&mut self) -> Result<Option<Range<usize>>, ValueTooLong> {
        loop {
            if !self.begin() {
                return Ok(None);
            }
            if self.place == Place::Top && self.at == self.start {
                if self.buffer.len() - self.at < LIST_OPENING && !self.ended {
                    return Ok(None);
                }
                if self.opens_list() {
                    continue;
                }
            }
            if !self.reach_end() {
                if self.buffer.len() - self.start > self.cap {
                    let at = self.offset + self.start as u64;
                    return Err(ValueTooLong { at, cap: self.cap });
                }
                if !self.ended {
                    return Ok(None);
                }
            }
            let value = std::mem::replace(&mut self.start, self.at)..self.at;
            self.depth = 0;
            self.in_string = false;
            return Ok(Some(value));
        }
    }

    /// What has been pushed and not been given back.
    pub fn rest(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Goes to the first byte of a value. Returns whether there is one.
    fn begin(&mut self) -> bool {
        if self.at > self.start && self.place != Place::Behind {
            return true;
        }
        while let Some(&byte) = self.buffer.get(self.at) {
            if self.place == Place::Behind && (self.at > self.start || byte == b'"') {
                // A member behind the list: its key and its value are passed alike.
                if !self.reach_end() && !self.ended {
                    return false;
                }
                (self.depth, self.in_string) = (0, false);
                self.start = self.at;
                continue;
            }
            match (self.place, byte) {
                (_, b' ' | b'\t' | b'\n' | b'\r') => {}
                (Place::Records, b',') => {}
                (Place::Records, b']') => self.place = Place::Behind,
                (Place::Behind, b'}') => self.place = Place::Top,
                (Place::Behind, b'{' | b'[') => {
                    self.depth = 1;
                    self.at += 1;
                    continue;
                }
                (Place::Behind, _) => {}
                _ => return true,
            }
            self.at += 1;
            self.start = self.at;
        }
        false
    }

    /// Whether the value that begins here is a log file, whose list has then been entered.
    fn opens_list(&mut self) -> bool {
        let space = |from: usize| {
            let rest = &self.buffer[from.min(self.buffer.len())..];
            from + rest.iter().take_while(|b| b.is_ascii_whitespace()).count()
        };
        let rest = |from: usize| self.buffer.get(from..).unwrap_or_default();
        if rest(self.at).first() != Some(&b'{') {
            return false;
        }
        let key = space(self.at + 1);
        if !rest(key).starts_with(LIST_KEY) {
            return false;
        }
        let colon = space(key + LIST_KEY.len());
        let list = space(colon + 1);
        let opens = rest(colon).first() == Some(&b':') && rest(list).first() == Some(&b'[');
        // Farther off it may not have arrived yet, and what is cut must not depend on that.
        if !opens || list - self.at >= LIST_OPENING {
            return false;
        }
        self.at = list + 1;
        self.start = self.at;
        self.place = Place::Records;
        true
    }

    /// Looks on until the value that has begun ends. Returns whether it does.
    fn reach_end(&mut self) -> bool {
        while let Some(&byte) = self.buffer.get(self.at) {
            if self.in_string {
                if !self.pass_string() {
                    return false;
                }
                if self.depth == 0 {
                    return true;
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth > 1 => self.depth -= 1,
                b'}' | b']' => {
                    // One that closes nothing of ours ends a scalar of a list, or is a fault.
                    let closes = self.depth == 1;
                    self.at += usize::from(closes || self.at == self.start);
                    return true;
                }
                b' ' | b'\t' | b'\n' | b'\r' | b',' | b':' if self.depth == 0 => {
                    self.at += usize::from(self.at == self.start);
                    return true;
                }
                _ => {}
            }
            self.at += 1;
        }
        false
    }

    /// Goes behind the end of the string that the splitter is in. Returns whether it is there.
    fn pass_string(&mut self) -> bool {
        loop {
            let Some(found) = memchr2(b'"', b'\\', &self.buffer[self.at..]) else {
                self.at = self.buffer.len();
                return false;
            };
            let found = self.at + found;
            if self.buffer[found] == b'"' {
                self.at = found + 1;
                self.in_string = false;
                return true;
            }
            if found + 1 >= self.buffer.len() {
                self.at = found;
                return false;
            }
            self.at = found + 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes back of `text` when it is pushed in chunks of `size` bytes.
    fn split(text: &str, size: usize) -> Vec<String> {
        let mut splitter = Splitter::new(1 << 20);
        let mut values = Vec::new();
        for chunk in text.as_bytes().chunks(size) {
            splitter.push(chunk);
            take(&mut splitter, &mut values);
        }
        splitter.end();
        take(&mut splitter, &mut values);
        values
    }

    fn take(splitter: &mut Splitter, values: &mut Vec<String>) {
        while let Some(value) = splitter.next_value().unwrap() {
            values.push(String::from_utf8(value.to_vec()).unwrap());
        }
    }

    #[test]
    fn cuts_alike_whatever_the_chunks() {
        for (text, expected) in [
            ("", vec![]),
            (" \n", vec![]),
            (
                r#"{"a":"}\"]"}{"b":[1,{}]}"#,
                vec![r#"{"a":"}\"]"}"#, r#"{"b":[1,{}]}"#],
            ),
            (
                "{\"a\":\n1}\n[2]\n\"x y\" 5 tr{}",
                vec!["{\"a\":\n1}", "[2]", "\"x y\"", "5", "tr{}"],
            ),
            (r#"{"a":1"#, vec![r#"{"a":1"#]),
            ("}", vec!["}"]),
        ] {
            for size in 1..=text.len().max(1) {
                assert_eq!(split(text, size), expected, "{text} in chunks of {size}");
            }
        }
    }

    #[test]
    fn cuts_a_log_file_into_its_records() {
        let text =
            r#" { "Records" : [ {"a":"]"} , {"b":[{}]},5 ] ,"more":{"x":"}"},"n":1 } {"c":1}"#;
        let expected = [
            r#"{"Records":[{"a":"]"}]}"#,
            r#"{"Records":[{"b":[{}]}]}"#,
            r#"{"Records":[5]}"#,
            r#"{"c":1}"#,
        ];
        for size in 1..=text.len() {
            assert_eq!(split(text, size), expected, "chunks of {size}");
        }
        assert!(split(r#"{"Records":[]}"#, 64).is_empty());
        let far = format!("{{\"Records\":{}[5]}}", " ".repeat(60));
        for size in 1..=far.len() {
            assert_eq!(split(&far, size), [far.as_str()], "chunks of {size}");
        }
    }

    #[test]
    fn holds_the_cap() {
        let mut splitter = Splitter::new(100);
        splitter.push(b"{} [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25");
        assert_eq!(splitter.next_value().unwrap(), Some(&b"{}"[..]));
        splitter.push(&[b'1'; 200]);
        assert_eq!(splitter.next_value(), Err(ValueTooLong { at: 3, cap: 100 }));
    }
}
