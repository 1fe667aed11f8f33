//! Decoded text with a map from each byte to its source in the record.

use std::borrow::Cow;
use std::ops::Range;

/// A decoded text and, for each byte and its end, the offset of its encoded form in the record.
pub(crate) struct DecodedText {
    pub(crate) text: String,
    at: Vec<u32>,
    quote: String,
}

/// The positions of the bytes of a text in the record.
#[derive(Clone, Copy)]
pub(crate) enum SourceMap<'m> {
    /// Contiguous, starting at this offset.
    Contiguous(usize),
    /// One offset per byte.
    PerByte {
        at: &'m [u32],
        /// How the record encodes a quote of the text.
        quote: &'m str,
    },
}

impl<'m> SourceMap<'m> {
    /// The offset in the record of the byte at `at`.
    pub(crate) fn raw(self, at: usize) -> usize {
        match self {
            Self::Contiguous(start) => start + at,
            Self::PerByte { at: offsets, .. } => offsets[at] as usize,
        }
    }

    pub(crate) fn raw_range(self, range: Range<usize>) -> Range<usize> {
        self.raw(range.start)..self.raw(range.end)
    }

    /// The map of the text starting at `start`.
    pub(crate) fn shifted(self, start: usize) -> Self {
        match self {
            Self::Contiguous(base) => Self::Contiguous(base + start),
            Self::PerByte { at, quote } => Self::PerByte {
                at: &at[start..],
                quote,
            },
        }
    }

    /// How the record encodes a quote of the text.
    pub(crate) fn quote(self) -> &'m str {
        match self {
            Self::Contiguous(_) => "\"",
            Self::PerByte { quote, .. } => quote,
        }
    }
}

impl DecodedText {
    pub(crate) fn map(&self) -> SourceMap<'_> {
        SourceMap::PerByte {
            at: &self.at,
            quote: &self.quote,
        }
    }

    /// Decodes `text[content]`, the content of a JSON string. A lone UTF-16 surrogate
    /// becomes U+FFFD. `None` if it is not valid string content.
    pub(crate) fn unescaped(text: &str, content: Range<usize>, map: SourceMap<'_>) -> Option<Self> {
        let mut decoded = Building::with_capacity(content.len());
        let end = content.end;
        let mut at = content.start;
        while at < end {
            at = decoded.push_to_escape(&text[..end], at, map);
            if at < end {
                let (length, character) = escape_at(&text[..end], at)?;
                decoded.push(character.as_bytes(), map.raw(at));
                at += length;
            }
        }
        decoded.end(map.raw(end), escaped_quote(map))
    }

    /// Decodes `text` once more: JSON string escapes if there are any, as in truncated or
    /// embedded JSON; otherwise percent-encoding. Sequences that are not valid text are
    /// kept. `None` if nothing is encoded.
    pub(crate) fn decode(text: &str, map: SourceMap<'_>) -> Option<Self> {
        if memchr::memchr(b'\\', text.as_bytes()).is_some()
            && let Some(decoded) = Self::loosely_unescaped(text, map)
        {
            return Some(decoded);
        }
        Self::percent_decoded(text, map)
    }

    fn loosely_unescaped(text: &str, map: SourceMap<'_>) -> Option<Self> {
        let mut decoded = Building::with_capacity(text.len());
        let (mut at, mut found) = (0, false);
        while at < text.len() {
            at = decoded.push_to_escape(text, at, map);
            if let Some((length, character)) = escape_at(text, at) {
                decoded.push(character.as_bytes(), map.raw(at));
                at += length;
                found = true;
            } else if at < text.len() {
                decoded.push(b"\\", map.raw(at));
                at += 1;
            }
        }
        let decoded = decoded.end(map.raw(text.len()), escaped_quote(map));
        decoded.filter(|_| found)
    }

    fn percent_decoded(text: &str, map: SourceMap<'_>) -> Option<Self> {
        let bytes = text.as_bytes();
        let mut decoded = Building::with_capacity(text.len());
        let (mut at, mut found) = (0, false);
        while at < bytes.len() {
            let run: Vec<u8> = (at..)
                .step_by(3)
                .map_while(|at| percent_byte(bytes, at))
                .collect();
            if run.is_empty() {
                decoded.push(&bytes[at..=at], map.raw(at));
                at += 1;
            }
            for chunk in run.utf8_chunks() {
                found |= !chunk.valid().is_empty();
                for byte in chunk.valid().bytes() {
                    decoded.push(&[byte], map.raw(at));
                    at += 3;
                }
                for _ in 0..3 * chunk.invalid().len() {
                    decoded.push(&bytes[at..=at], map.raw(at));
                    at += 1;
                }
            }
        }
        let decoded = decoded.end(map.raw(bytes.len()), "%22".to_owned());
        decoded.filter(|_| found)
    }
}

/// The length of the escape at `at`, and its decoded text; `None` if there is no escape.
fn escape_at(text: &str, at: usize) -> Option<(usize, Cow<'_, str>)> {
    let bytes = text.as_bytes();
    let simple = match bytes.get(at + 1)? {
        b'"' => "\"",
        b'\\' => "\\",
        b'/' => "/",
        b'n' => "\n",
        b't' => "\t",
        _ => "",
    };
    if !simple.is_empty() {
        return Some((2, Cow::Borrowed(simple)));
    }
    let length = match (bytes.get(at + 1)?, bytes.get(at + 6..at + 8)) {
        (b'u', Some(br"\u")) if is_pair(text, at) => 12,
        (b'u', _) => 6,
        _ => 2,
    };
    let escape = text.get(at..at + length)?;
    let character = cloudtrail::string_value(escape.as_bytes())?;
    // A lone surrogate keeps its escape, and its digits would look like a word.
    if character.starts_with(r"\u") {
        return Some((length, Cow::Borrowed("\u{fffd}")));
    }
    Some((length, character))
}

fn escaped_quote(map: SourceMap<'_>) -> String {
    map.quote().replace('\\', r"\\").replace('"', "\\\"")
}

/// The byte encoded by `%` and two hexadecimal digits at `at`.
fn percent_byte(bytes: &[u8], at: usize) -> Option<u8> {
    let [b'%', high, low] = bytes.get(at..at + 3)? else {
        return None;
    };
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    Some((digit(high)? * 16 + digit(low)?) as u8)
}

/// The percent-decoded value, if all of it is valid text.
pub(crate) fn percent_decoded_name(value: &str) -> Cow<'_, str> {
    if memchr::memchr(b'%', value.as_bytes()).is_none() {
        return Cow::Borrowed(value);
    }
    let decoded = DecodedText::percent_decoded(value, SourceMap::Contiguous(0));
    decoded.map_or(Cow::Borrowed(value), |decoded| Cow::Owned(decoded.text))
}

/// Whether the two `\u` escapes at `at` encode one character.
fn is_pair(text: &str, at: usize) -> bool {
    let unit = |from: usize| {
        text.get(from..from + 4)
            .and_then(|hex| u16::from_str_radix(hex, 16).ok())
    };
    let units = (unit(at + 2), unit(at + 8));
    matches!(units, (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)))
}

struct Building {
    bytes: Vec<u8>,
    at: Vec<u32>,
}

impl Building {
    fn with_capacity(length: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(length),
            at: Vec::with_capacity(length + 1),
        }
    }

    fn push(&mut self, bytes: &[u8], from: usize) {
        self.bytes.extend_from_slice(bytes);
        // A scan rejects records whose offsets do not fit.
        self.at.resize(self.bytes.len(), from as u32);
    }

    /// Appends the bytes from `from` to the next backslash or the end, and returns that
    /// position.
    fn push_to_escape(&mut self, text: &str, from: usize, map: SourceMap<'_>) -> usize {
        let rest = &text.as_bytes()[from..];
        let length = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
        self.bytes.extend_from_slice(&rest[..length]);
        match map {
            // A scan rejects records whose offsets do not fit.
            SourceMap::Contiguous(base) => self
                .at
                .extend((base + from..).take(length).map(|at| at as u32)),
            SourceMap::PerByte { at, .. } => self.at.extend_from_slice(&at[from..from + length]),
        }
        from + length
    }

    fn end(mut self, from: usize, quote: String) -> Option<DecodedText> {
        self.at.push(from as u32);
        let text = String::from_utf8(self.bytes).ok()?;
        Some(DecodedText {
            text,
            at: self.at,
            quote,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_knows_its_spelling() {
        let text = r#"x a\u0040\"b\ud83d\ude00c"#;
        let decoded =
            DecodedText::unescaped(text, 2..text.len(), SourceMap::Contiguous(100)).unwrap();
        assert_eq!(decoded.text, "a@\"b😀c");
        let raw = |at| decoded.map().raw(at);
        assert_eq!(
            [
                raw(0),
                raw(1),
                raw(2),
                raw(3),
                raw(4),
                raw(7),
                raw(8),
                raw(9)
            ],
            [102, 103, 109, 111, 112, 112, 124, 125]
        );
    }

    #[test]
    fn percent_signs_are_read_where_digits_follow() {
        let decoded =
            DecodedText::percent_decoded("a%40b%zz%C3%A9", SourceMap::Contiguous(0)).unwrap();
        assert_eq!(decoded.text, "a@b%zzé");
        assert_eq!(decoded.map().raw_range(1..2), 1..4);
        let decoded =
            DecodedText::percent_decoded("%ffa%40%C3%A9%C3", SourceMap::Contiguous(0)).unwrap();
        assert_eq!(decoded.text, "%ffa@é%C3");
        assert_eq!(decoded.map().raw_range(3..4), 3..4);
        for text in ["", "100%", "%", "%4", "%ff"] {
            assert!(
                DecodedText::percent_decoded(text, SourceMap::Contiguous(0)).is_none(),
                "{text}"
            );
        }
    }

    #[test]
    fn escapes_are_read_where_they_are_some() {
        let decoded = DecodedText::decode(r"a\nb \u0040 \q \", SourceMap::Contiguous(0)).unwrap();
        assert_eq!(decoded.text, "a\nb @ \\q \\");
        assert!(DecodedText::decode(r"CORP\asha", SourceMap::Contiguous(0)).is_none());
        let decoded = DecodedText::decode(r"\q%40", SourceMap::Contiguous(0)).unwrap();
        assert_eq!(decoded.text, "\\q@");
    }

    #[test]
    fn half_a_character_is_no_letter() {
        let text = r"x\ud83dasha";
        let decoded =
            DecodedText::unescaped(text, 0..text.len(), SourceMap::Contiguous(0)).unwrap();
        assert_eq!(decoded.text, "x\u{fffd}asha");
        assert_eq!(decoded.map().raw_range(4..8), 7..11);
    }

    #[test]
    fn invalid_string_content_is_not_decoded() {
        for text in [r"\", r"\x", r"\u12", "\\u00zz"] {
            assert!(
                DecodedText::unescaped(text, 0..text.len(), SourceMap::Contiguous(0)).is_none(),
                "{text}"
            );
        }
    }
}
