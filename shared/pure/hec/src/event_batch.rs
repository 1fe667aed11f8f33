//! HEC objects, and how they are split into requests.

use std::ops::Range;

/// HEC objects, one per line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventBatch {
    bytes: Vec<u8>,
    /// Offset after the newline of each.
    ends: Vec<usize>,
}

/// How the objects of one request are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BatchFormat {
    /// One after the other, one per line.
    #[default]
    Concatenated,
    /// As a JSON array.
    Array,
    /// One object per request.
    Single,
}

impl EventBatch {
    /// The objects in `bytes`: every line that is not blank.
    pub fn from_lines(bytes: Vec<u8>) -> Self {
        let mut all = Self::default();
        for line in bytes.split(|byte| *byte == b'\n') {
            all.push(line);
        }
        all
    }

    /// Adds one object without line breaks, unless it is blank.
    pub fn push(&mut self, object: &[u8]) {
        let object = object.trim_ascii();
        if !object.is_empty() {
            self.bytes.extend_from_slice(object);
            self.bytes.push(b'\n');
            self.ends.push(self.bytes.len());
        }
    }

    /// Adds `lines`, in which each object ends before one of the offsets `ends`.
    pub fn append(&mut self, lines: &[u8], ends: impl Iterator<Item = usize>) {
        let base = self.bytes.len();
        self.bytes.extend_from_slice(lines);
        self.ends.extend(ends.map(|end| base + end));
    }

    /// The number of objects.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no objects.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Removes all objects and keeps the capacity.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// The lines of the objects in `range`.
    pub fn lines(&self, range: Range<usize>) -> &[u8] {
        &self.bytes[self.start(range.start)..self.start(range.end)]
    }

    /// Bytes of all lines.
    pub fn bytes_len(&self) -> usize {
        self.bytes.len()
    }

    fn start(&self, number: usize) -> usize {
        number.checked_sub(1).map_or(0, |before| self.ends[before])
    }

    /// Splits the objects into requests of at most `max_bytes` each, in order. A larger object gets a
    /// separate request.
    pub fn batches(&self, batch: BatchFormat, max_bytes: usize) -> Vec<Range<usize>> {
        if batch == BatchFormat::Single {
            return (0..self.len()).map(|at| at..at + 1).collect();
        }
        let mut batches = Vec::new();
        let mut first = 0;
        for number in 0..self.len() {
            // An array has a comma or bracket for each newline, and one more bracket.
            let length = self.ends[number] - self.start(first) + 1;
            if number > first && length > max_bytes {
                batches.push(first..number);
                first = number;
            }
        }
        if first < self.len() {
            batches.push(first..self.len());
        }
        batches
    }

    /// The body of a request with the objects in `range`.
    pub fn body(&self, range: Range<usize>, batch: BatchFormat) -> Vec<u8> {
        let lines = self.lines(range.clone());
        if batch != BatchFormat::Array {
            return lines.to_vec();
        }
        let mut body = Vec::with_capacity(lines.len() + 1);
        body.push(b'[');
        for number in range {
            body.extend_from_slice(self.lines(number..number + 1).trim_ascii_end());
            body.push(b',');
        }
        match body.last_mut() {
            Some(last @ b',') => *last = b']',
            _ => body.push(b']'),
        }
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects() -> EventBatch {
        EventBatch::from_lines(b"{\"a\":1}\n\n{\"b\":22}\r\n  {\"c\":3}".to_vec())
    }

    #[test]
    fn lines_are_objects() {
        let all = objects();
        assert_eq!(all.len(), 3);
        assert_eq!(all.lines(0..3), b"{\"a\":1}\n{\"b\":22}\n{\"c\":3}\n");
        assert_eq!(all.lines(1..2), b"{\"b\":22}\n");
        assert_eq!(all.lines(2..2), b"");
        let mut more = objects();
        more.append(b"{}\n{}\n", [3, 6].into_iter());
        assert_eq!(more.lines(3..5), b"{}\n{}\n");
    }

    #[test]
    fn no_request_exceeds_the_limit_unless_one_object_does() {
        let all = objects();
        for max in 1..40 {
            for batch in [BatchFormat::Concatenated, BatchFormat::Array] {
                let ranges = all.batches(batch, max);
                let numbers: Vec<usize> = ranges.iter().cloned().flatten().collect();
                assert_eq!(numbers, [0, 1, 2]);
                for range in ranges {
                    let body = all.body(range.clone(), batch);
                    assert!(body.len() <= max || range.len() == 1, "{max} {body:?}");
                }
            }
        }
        assert_eq!(all.batches(BatchFormat::Single, 1000), [0..1, 1..2, 2..3]);
        assert!(
            EventBatch::default()
                .batches(BatchFormat::Array, 1)
                .is_empty()
        );
    }

    #[test]
    fn an_array_is_json() {
        let all = objects();
        assert_eq!(
            all.body(0..3, BatchFormat::Array),
            br#"[{"a":1},{"b":22},{"c":3}]"#
        );
        assert_eq!(all.body(0..0, BatchFormat::Array), b"[]");
    }

    proptest::proptest! {
        #[test]
        fn batching_keeps_all_objects_in_order(
            lines in proptest::collection::vec("[a-z ]{0,30}", 0..40), max in 1usize..200,
        ) {
            let all = EventBatch::from_lines(lines.join("\n").into_bytes());
            for batch in [BatchFormat::Concatenated, BatchFormat::Array, BatchFormat::Single] {
                let ranges = all.batches(batch, max);
                let joined: Vec<u8> = ranges.iter().flat_map(|range| all.lines(range.clone()).to_vec()).collect();
                proptest::prop_assert_eq!(&joined[..], all.lines(0..all.len()));
                for range in ranges {
                    proptest::prop_assert!(range.len() == 1 || all.body(range, batch).len() <= max);
                }
            }
        }
    }
}
