//! A JSON object, written member by member.

/// Writes the members of one JSON object onto the end of a buffer.
pub struct JsonObjectWriter<'o> {
    out: &'o mut Vec<u8>,
    first: bool,
}

impl<'o> JsonObjectWriter<'o> {
    /// Opens the object.
    pub fn begin(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, first: true }
    }

    /// Writes a member whose value is JSON.
    pub fn verbatim(&mut self, name: &str, value: &[u8]) {
        self.name(name);
        self.out.extend_from_slice(value);
    }

    /// Writes a string whose content is already escaped.
    pub fn content(&mut self, name: &str, content: &str) {
        self.name(name);
        self.out.push(b'"');
        self.out.extend_from_slice(content.as_bytes());
        self.out.push(b'"');
    }

    /// Writes a string and escapes it.
    pub fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        push_json_string(text, self.out);
    }

    /// Writes an array of strings and escapes them.
    pub fn texts<S: AsRef<str>>(&mut self, name: &str, texts: &[S]) {
        self.name(name);
        self.out.push(b'[');
        for (at, text) in texts.iter().enumerate() {
            if at > 0 {
                self.out.push(b',');
            }
            push_json_string(text.as_ref(), self.out);
        }
        self.out.push(b']');
    }

    /// Writes a whole number.
    pub fn number(&mut self, name: &str, number: u64) {
        self.verbatim(name, itoa::Buffer::new().format(number).as_bytes());
    }

    /// Closes the object.
    pub fn end(self) {
        self.out.push(b'}');
    }

    fn name(&mut self, name: &str) {
        let opening: &[u8] = if std::mem::take(&mut self.first) {
            b"\""
        } else {
            b",\""
        };
        self.out.extend_from_slice(opening);
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }
}

/// Appends `text` as a JSON string.
pub fn push_json_string(text: &str, out: &mut Vec<u8>) {
    serde_json::to_writer(out, text).expect("writing a string into memory cannot fail");
}
