//! A delivery of Firehose: its id, and the HEC objects in its records.

use hec::EventBatch;
use serde::Deserialize;

use crate::answer::Refusal;

/// The most characters of an id; Firehose's have 36.
const LONGEST_ID: usize = 256;

/// The body of a delivery.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    request_id: Option<String>,
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    data: String,
}

impl Request {
    /// The delivery in `body`.
    ///
    /// # Errors
    /// There is none.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        // The parser's own message may quote what it found.
        serde_json::from_slice(body).map_err(|error| Refusal::Body {
            line: error.line(),
            column: error.column(),
        })
    }

    /// Its id, which `header` has too unless it is empty.
    ///
    /// # Errors
    /// There is none, or there are two.
    pub fn id(&self, header: &str) -> Result<String, Refusal> {
        let in_body = self.request_id.as_deref().unwrap_or_default();
        if !header.is_empty() && !in_body.is_empty() && header != in_body {
            return Err(Refusal::OtherId);
        }
        let id = if header.is_empty() { in_body } else { header };
        let is_id =
            (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
        is_id.then(|| id.to_owned()).ok_or(Refusal::Id)
    }

    /// The objects of all records, in order.
    ///
    /// # Errors
    /// A record holds anything else.
    pub fn objects(self) -> Result<EventBatch, Refusal> {
        let mut objects = EventBatch::default();
        let mut failed = Vec::new();
        for (number, record) in self.records.iter().enumerate() {
            if record.add_to(&mut objects).is_none() {
                failed.push(number);
            }
        }
        match failed.first() {
            None => Ok(objects),
            Some(first) => Err(Refusal::Untransformed {
                failed: failed.len(),
                records: self.records.len(),
                first: *first,
            }),
        }
    }
}

impl Record {
    /// Adds the objects of this record; `None` if it holds anything else.
    fn add_to(&self, objects: &mut EventBatch) -> Option<()> {
        let data = base64_simd::STANDARD.decode_to_vec(&self.data).ok()?;
        // The whole is text: the check of an object does not look into its strings.
        let text = std::str::from_utf8(&data).ok()?;
        for line in text.split('\n').map(str::trim_ascii) {
            if !line.is_empty() {
                hec::is_object(line.as_bytes()).then(|| objects.push(line.as_bytes()))?;
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(records: &[&[u8]]) -> Request {
        let data =
            |record: &&[u8]| json!({ "data": base64_simd::STANDARD.encode_to_string(record) });
        let records: Vec<_> = records.iter().map(data).collect();
        let body = json!({ "requestId": "a-1", "timestamp": 1, "records": records });
        Request::parse(body.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn every_line_of_every_record_is_an_object() {
        let records: [&[u8]; 4] = [
            b"{\"time\":1,\"event\":{\"a\":1E400}}\n{\"event\":\"b\"}\n",
            b"",
            b"\r\n { \"\\u0065vent\" : 0 } \r\n",
            "{\"event\":\"é\"}".as_bytes(),
        ];
        let objects = request(&records).objects().unwrap();
        assert_eq!(
            std::str::from_utf8(objects.lines(0..objects.len())).unwrap(),
            "{\"time\":1,\"event\":{\"a\":1E400}}\n{\"event\":\"b\"}\n{ \"\\u0065vent\" : 0 }\n{\"event\":\"é\"}\n"
        );
        assert!(request(&[]).objects().unwrap().is_empty());
    }

    #[test]
    fn anything_else_was_not_transformed() {
        let deep = [b"{\"event\":".as_slice(), &[b'['; 100_000]].concat();
        let others: [&[u8]; 11] = [
            b"\x1f\x8b\x08\x00",
            br#"{"messageType":"DATA_MESSAGE","logEvents":[]}"#,
            br#"{"eventVersion":"1.08","userName":"alice"}"#,
            b"alice",
            b"[1]",
            b"{\"event\":1}{\"event\":2}",
            b"{\"event\":1",
            b"{\"a\":{\"event\":1}}",
            b"{\"event\":1,\"event\":2}",
            b"{\"event\":\"\xff\"}",
            &deep,
        ];
        for other in others {
            let whole = b"{\"event\":1}\n".as_slice();
            let second = [whole, other].concat();
            let error = request(&[whole, &second, whole, other])
                .objects()
                .unwrap_err();
            let expected = Refusal::Untransformed {
                failed: 2,
                records: 4,
                first: 1,
            };
            assert_eq!(error, expected, "{}", String::from_utf8_lossy(other));
            assert!(!error.to_string().contains("alice"));
        }
        let raw = json!({ "requestId": "a", "records": [{ "data": "e3!=" }] }).to_string();
        assert!(Request::parse(raw.as_bytes()).unwrap().objects().is_err());
    }

    #[test]
    fn header_and_body_name_one_request() {
        let request = request(&[]);
        assert_eq!(request.id("").unwrap(), "a-1");
        assert_eq!(request.id("a-1").unwrap(), "a-1");
        assert_eq!(request.id("a-2"), Err(Refusal::OtherId));
        let unnamed = Request::parse(br#"{"records":[]}"#).unwrap();
        assert_eq!(unnamed.id("a-2").unwrap(), "a-2");
        for id in ["", "a b", "a\n", "é", &"a".repeat(257)] {
            assert_eq!(unnamed.id(id), Err(Refusal::Id), "{id:?}");
        }
    }

    #[test]
    fn a_body_without_records_is_named_and_not_quoted() {
        for body in [
            "",
            "alice",
            "{}",
            r#"{"requestId":"a","records":"alice"}"#,
            r#"{"requestId":"a","records":[{"data":["alice"]}]}"#,
        ] {
            let error = Request::parse(body.as_bytes()).err().unwrap();
            assert_eq!(error.status(), 400);
            assert!(!error.to_string().contains("alice"), "{error}");
        }
    }
}
