//! A request of Firehose: its id, and the HEC objects in its records.

use hec::EventBatch;
use serde::Deserialize;

use super::response::EndpointError;

/// The maximum length of a request id; Firehose's have 36 characters.
const MAX_ID: usize = 256;

/// The maximum length of a request id that is echoed before the request is authorized.
const MAX_UNAUTHORIZED_ID: usize = 64;

/// The request id in `header`, the value of `X-Amz-Firehose-Request-Id`; empty if it does not look
/// like an id of Firehose, because anyone can send the header.
pub fn header_id(header: &str) -> &str {
    let is_id_byte = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_id = header.len() <= MAX_UNAUTHORIZED_ID && header.bytes().all(is_id_byte);
    if is_id { header } else { "" }
}

/// The body of a request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndpointRequest {
    request_id: Option<String>,
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    data: String,
}

impl EndpointRequest {
    /// The request in `body`.
    ///
    /// # Errors
    /// The body is not a request of Firehose.
    pub fn parse(body: &[u8]) -> Result<Self, EndpointError> {
        // The parser's own message may quote the body.
        serde_json::from_slice(body).map_err(|error| EndpointError::Body {
            line: error.line(),
            column: error.column(),
        })
    }

    /// The id in the body, or in the header `X-Amz-Firehose-Request-Id` unless that is empty.
    ///
    /// # Errors
    /// Both are missing, or they differ.
    pub fn id(&self, header: &str) -> Result<String, EndpointError> {
        let in_body = self.request_id.as_deref().unwrap_or_default();
        if !header.is_empty() && !in_body.is_empty() && header != in_body {
            return Err(EndpointError::DifferentIds);
        }
        let id = if header.is_empty() { in_body } else { header };
        let is_id = (1..=MAX_ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
        is_id.then(|| id.to_owned()).ok_or(EndpointError::RequestId)
    }

    /// The HEC objects of all records, in order.
    ///
    /// # Errors
    /// A record holds something else.
    pub fn objects(self) -> Result<EventBatch, EndpointError> {
        let mut objects = EventBatch::default();
        let mut failed = Vec::new();
        for (number, record) in self.records.iter().enumerate() {
            if record.add_to(&mut objects).is_none() {
                failed.push(number);
            }
        }
        match failed.first() {
            None => Ok(objects),
            Some(first) => Err(EndpointError::Untransformed {
                failed: failed.len(),
                records: self.records.len(),
                first: *first,
            }),
        }
    }
}

impl Record {
    /// Adds the objects of this record; `None` if it holds something else.
    fn add_to(&self, objects: &mut EventBatch) -> Option<()> {
        let data = base64_simd::STANDARD.decode_to_vec(&self.data).ok()?;
        // Checked for the whole record, because the check of an object skips its strings.
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

    fn request(records: &[&[u8]]) -> EndpointRequest {
        let data =
            |record: &&[u8]| json!({ "data": base64_simd::STANDARD.encode_to_string(record) });
        let records: Vec<_> = records.iter().map(data).collect();
        let body = json!({ "requestId": "a-1", "timestamp": 1, "records": records });
        EndpointRequest::parse(body.to_string().as_bytes()).unwrap()
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
    fn other_records_were_not_transformed() {
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
            let expected = EndpointError::Untransformed {
                failed: 2,
                records: 4,
                first: 1,
            };
            assert_eq!(error, expected, "{}", String::from_utf8_lossy(other));
            assert!(!error.to_string().contains("alice"));
        }
        let raw = json!({ "requestId": "a", "records": [{ "data": "e3!=" }] }).to_string();
        assert!(
            EndpointRequest::parse(raw.as_bytes())
                .unwrap()
                .objects()
                .is_err()
        );
    }

    #[test]
    fn header_and_body_name_one_request() {
        let request = request(&[]);
        assert_eq!(request.id("").unwrap(), "a-1");
        assert_eq!(request.id("a-1").unwrap(), "a-1");
        assert_eq!(request.id("a-2"), Err(EndpointError::DifferentIds));
        let unnamed = EndpointRequest::parse(br#"{"records":[]}"#).unwrap();
        assert_eq!(unnamed.id("a-2").unwrap(), "a-2");
        for id in ["", "a b", "a\n", "é", &"a".repeat(257)] {
            assert_eq!(unnamed.id(id), Err(EndpointError::RequestId), "{id:?}");
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
            let error = EndpointRequest::parse(body.as_bytes()).err().unwrap();
            assert_eq!(error.status(), 400);
            assert!(!error.to_string().contains("alice"), "{error}");
        }
    }

    #[test]
    fn only_ids_like_those_of_firehose_are_echoed_before_authorization() {
        let longest = "a".repeat(64);
        for id in ["", "a-1", "ed4acda5-034f-9f42-bba1-f29aea6d7d8f", &longest] {
            assert_eq!(header_id(id), id);
        }
        for odd in ["a b", "<a>", "é", &"a".repeat(65)] {
            assert_eq!(header_id(odd), "");
        }
    }
}
