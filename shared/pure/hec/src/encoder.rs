//! One event as one HEC object on one line.

/// Where the annotations of an event go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Annotate {
    /// Into `fields`, where Splunk indexes them.
    #[default]
    Fields,
    /// Into the event itself under `sightline`, for collectors that ignore `fields`. An event that is
    /// not an object has no annotations.
    Event,
    /// Nowhere.
    Off,
}

/// The sourcetype of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceType {
    /// Any record but an Insight record: the sourcetype of the settings.
    Record,
    /// A CloudTrail Insight record: `aws:cloudtrail:insight`.
    Insight,
}

/// The time of an event, written in epoch seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time<'a> {
    /// Seconds, and the digits after the decimal point as they were written.
    Seconds(i64, &'a str),
    /// Milliseconds, as in CloudWatch Logs and Firehose.
    Millis(i64),
}

/// The metadata of an event. Host and source are escaped for JSON strings; an empty value is omitted,
/// so that the collector's default applies.
#[derive(Debug, Clone, Copy)]
pub struct EventMetadata<'a> {
    /// `time`
    pub time: Option<Time<'a>>,
    /// `host`
    pub host: &'a str,
    /// `source`
    pub source: &'a str,
    /// `sourcetype`
    pub source_type: SourceType,
}

/// Writes HEC objects: `{"time":…,"host":…,"source":…,"sourcetype":…,"index":…,"event":…,
/// "fields":{…}}` and a newline after each.
#[derive(Debug, Clone)]
pub struct Encoder {
    annotate: Annotate,
    /// `"sourcetype":"…"` and everything up to the event, by sourcetype.
    middle: [Vec<u8>; 2],
}

impl Encoder {
    /// An encoder that writes `source_type` and, if given, `index` into every object.
    pub fn new(annotate: Annotate, source_type: &str, index: Option<&str>) -> Self {
        let middle = [source_type, "aws:cloudtrail:insight"].map(|source_type| {
            let mut out = b"\"sourcetype\":".to_vec();
            push_json_string(source_type, &mut out);
            if let Some(index) = index {
                out.extend_from_slice(b",\"index\":");
                push_json_string(index, &mut out);
            }
            out.extend_from_slice(b",\"event\":");
            out
        });
        Self { annotate, middle }
    }

    /// Begins an object. The caller appends the event, one JSON value without line breaks.
    pub fn begin(&self, metadata: EventMetadata<'_>, out: &mut Vec<u8>) {
        out.push(b'{');
        if let Some(time) = metadata.time {
            out.extend_from_slice(b"\"time\":");
            push_time(time, out);
            out.push(b',');
        }
        for (name, content) in [
            ("\"host\":\"", metadata.host),
            ("\"source\":\"", metadata.source),
        ] {
            if !content.is_empty() {
                out.extend_from_slice(name.as_bytes());
                out.extend_from_slice(content.as_bytes());
                out.extend_from_slice(b"\",");
            }
        }
        out.extend_from_slice(&self.middle[metadata.source_type as usize]);
    }

    /// Ends the object after its event, with the annotations that `annotate` writes.
    pub fn end(&self, out: &mut Vec<u8>, annotate: impl FnOnce(&mut JsonObjectWriter<'_>)) {
        let in_event = self.annotate == Annotate::Event && out.last() == Some(&b'}');
        match self.annotate {
            Annotate::Fields => out.extend_from_slice(b",\"fields\":"),
            // Events that are objects are never empty, so that a comma is correct.
            Annotate::Event if in_event => {
                out.pop();
                out.extend_from_slice(b",\"sightline\":");
            }
            Annotate::Event | Annotate::Off => return out.extend_from_slice(b"}\n"),
        }
        let mut annotations = JsonObjectWriter::begin(out);
        annotate(&mut annotations);
        annotations.end();
        out.extend_from_slice(if in_event { b"}}\n" } else { b"}\n" });
    }
}

fn push_time(time: Time<'_>, out: &mut Vec<u8>) {
    let (seconds, decimals) = match time {
        Time::Seconds(seconds, decimals) => (seconds, decimals),
        Time::Millis(millis) => {
            let text = format!("{:03}", millis.rem_euclid(1000));
            return push_time(Time::Seconds(millis.div_euclid(1000), &text), out);
        }
    };
    let mut buffer = itoa::Buffer::new();
    if seconds < 0 && decimals.bytes().any(|digit| digit != b'0') {
        // Before 1970 the decimals count up from a negative second: -1 s and 0.25 s are -0.75.
        let complement = complement(decimals);
        let whole = if seconds == -1 {
            "-0"
        } else {
            buffer.format(seconds + 1)
        };
        out.extend_from_slice(whole.as_bytes());
        out.push(b'.');
        return out.extend_from_slice(&complement);
    }
    out.extend_from_slice(buffer.format(seconds).as_bytes());
    if !decimals.is_empty() {
        out.push(b'.');
        out.extend_from_slice(decimals.as_bytes());
    }
}

/// The digits of one minus a decimal fraction that is not zero.
fn complement(decimals: &str) -> Vec<u8> {
    let last = decimals
        .bytes()
        .rposition(|digit| digit != b'0')
        .unwrap_or(0);
    let digit = |(place, digit): (usize, u8)| match place.cmp(&last) {
        std::cmp::Ordering::Less => b'9' - (digit - b'0'),
        std::cmp::Ordering::Equal => b'9' + 1 - (digit - b'0'),
        std::cmp::Ordering::Greater => b'0',
    };
    decimals.bytes().enumerate().map(digit).collect()
}

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

#[cfg(test)]
mod tests;
