use super::*;
use crate::envelope::DeliveryPath;

/// Format and content of every message of a text.
fn read(text: &str) -> Result<Vec<(InputFormat, String)>, ParseError> {
    let mut reader = Reader::new(text);
    let mut scratch = Scratch::default();
    let mut messages = Vec::new();
    while let Some(message) = reader.next(&mut scratch)? {
        let number = message.number;
        assert_eq!(number, messages.len());
        let content = String::from_utf8(message.text.to_vec()).unwrap();
        messages.push((reader.envelope().format, content));
    }
    Ok(messages)
}

fn texts(text: &str) -> Vec<String> {
    read(text)
        .unwrap()
        .into_iter()
        .map(|(_, text)| text)
        .collect()
}

const ENVELOPE: &str = r#"{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s","subscriptionFilters":["f"],"logEvents":[{"id":"7","timestamp":5,"message":"{\"a\":1}"},{"id":"8","timestamp":6,"message":"b\n\u00e9"}],"policyLevel":"ACCOUNT_LEVEL_POLICY","new":{"logEvents":[1]}}"#;

#[test]
fn reads_an_envelope_as_aws_writes_it() {
    let mut reader = Reader::new(ENVELOPE);
    let mut scratch = Scratch::default();
    let first = reader.next(&mut scratch).unwrap().unwrap();
    assert_eq!(
        (first.text, first.timestamp_ms, first.id),
        (&br#"{"a":1}"#[..], Some(5), "7")
    );
    assert_eq!(
        &ENVELOPE[first.span],
        r#"{"id":"7","timestamp":5,"message":"{\"a\":1}"}"#
    );
    let envelope = reader.envelope().clone();
    assert_eq!(
        (envelope.owner, envelope.log_group, envelope.log_stream),
        ("1", "g", "s")
    );
    assert_eq!(envelope.subscription_filters, r#"["f"]"#);
    assert_eq!(texts(ENVELOPE), [r#"{"a":1}"#, "b\né"]);
}

#[test]
fn the_order_of_keys_in_an_envelope_changes_nothing() {
    let text = r#" { "new" : null , "logEvents" : [ { "message" : "x" , "timestamp" : 5 , "id" : "7" } ] ,
        "logStream" : "s" , "owner" : "1" , "messageType" : "DATA_MESSAGE" , "logGroup" : "g" } "#;
    let mut reader = Reader::new(text);
    let mut scratch = Scratch::default();
    let message = reader.next(&mut scratch).unwrap().unwrap();
    assert_eq!(
        (message.text, message.timestamp_ms, message.id),
        (&b"x"[..], Some(5), "7")
    );
    assert_eq!(reader.envelope().owner, "1");
    assert_eq!(reader.envelope().log_group, "g");
    assert!(reader.next(&mut scratch).unwrap().is_none());
}

#[test]
fn reads_every_format_and_several_in_a_row() {
    let bare = r#"{"requestParameters":{"Records":[]},"eventVersion":"1","eventTime":"t"}"#;
    let eventbridge = r#"{"version":"0","detail-type":"AWS Console Sign In via CloudTrail","account":"1","region":"r","detail":{"eventVersion":"2"}}"#;
    let file = r#"{"before":1,"Records":[{"x":1}, 5 ,"y"],"after":{}}"#;
    let probe = r#"{"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"","timestamp":1,"message":"CWL CONTROL MESSAGE"}]}"#;
    for separator in ["", "\n", " \r\n\t"] {
        let text = [bare, eventbridge, file, probe, ENVELOPE].join(separator);
        let expected = [
            (InputFormat::BareRecord, bare),
            (InputFormat::EventBridge, r#"{"eventVersion":"2"}"#),
            (InputFormat::LogFile, r#"{"x":1}"#),
            (InputFormat::LogFile, "5"),
            (InputFormat::LogFile, "\"y\""),
            (InputFormat::CloudWatchLogs, r#"{"a":1}"#),
            (InputFormat::CloudWatchLogs, "b\né"),
        ];
        let expected: Vec<_> = expected
            .map(|(format, text)| (format, text.to_owned()))
            .into();
        assert_eq!(read(&text).unwrap(), expected);
    }
    for nothing in [probe, r#"{"Records":[]}"#] {
        assert_eq!(read(nothing).unwrap(), []);
    }
}

#[test]
fn odd_log_events_are_returned_instead_of_lost() {
    let events = r#"{"message":{"eventVersion":"1"}},{"message":null},{"id":"9"},{"message":5},6,[7],{"message":""}"#;
    let text = format!(
        r#"{{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s","logEvents":[{events}]}}"#
    );
    assert_eq!(
        texts(&text),
        [r#"{"eventVersion":"1"}"#, "", "", "5", "6", "[7]", ""]
    );
}

#[test]
fn recognizes_reingested_envelopes() {
    let text = r#"{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"","logStream":"","sightline":{"hops":2,"source":"eventbridge:1:r","delivery_path":"eventbridge"},"logEvents":[{"message":"x"}]}"#;
    let mut reader = Reader::new(text);
    reader.next(&mut Scratch::default()).unwrap().unwrap();
    let envelope = reader.envelope();
    assert_eq!(
        (envelope.hops, envelope.origin_source),
        (2, "eventbridge:1:r")
    );
    assert_eq!(envelope.origin_path, Some(DeliveryPath::EventBridge));
}

/// Asserts the error of every text.
fn assert_errors<T: AsRef<str>>(cases: &[(T, ParseError)]) {
    for (text, expected) in cases {
        assert_eq!(read(text.as_ref()), Err(*expected), "{}", text.as_ref());
    }
}

#[test]
fn reports_why_a_text_cannot_be_parsed() {
    let (unknown, list) = (ParseError::UnknownFormat { at: 0 }, "Records");
    assert_errors(&[
        ("", ParseError::Empty),
        (" \n", ParseError::Empty),
        ("5", unknown),
        ("null", unknown),
        ("[{}]", unknown),
        (r#"{"a":{"Records":[]}}"#, unknown),
        (r#"{"detail-type":"x"}"#, unknown),
        (
            r#"{"Records":"x"}"#,
            ParseError::MissingArray { key: list, at: 0 },
        ),
        (
            r#"{"Records":{}}"#,
            ParseError::MissingArray { key: list, at: 0 },
        ),
        (
            r#"{"Records":[],"Records":[]}"#,
            ParseError::DuplicateKey { key: list, at: 0 },
        ),
    ]);
}

#[test]
fn reports_why_an_envelope_cannot_be_parsed() {
    let start = r#"{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s""#;
    let no_list = ParseError::MissingArray {
        key: "logEvents",
        at: 0,
    };
    let unknown = ParseError::UnknownMessageType { at: 0 };
    let duplicate = |key| ParseError::DuplicateKey { key, at: 0 };
    assert_errors(&[
        (r#"{"logEvents":[]}"#.to_owned(), unknown),
        (
            r#"{"messageType":"NEW","logEvents":[]}"#.to_owned(),
            unknown,
        ),
        (format!("{start}}}"), no_list),
        (format!(r#"{start},"logEvents":null}}"#), no_list),
        (
            format!(r#"{start},"logEvents":[],"logEvents":[]}}"#),
            duplicate("logEvents"),
        ),
        (
            format!(r#"{start},"logEvents":[],"log\u0045vents":[]}}"#),
            duplicate("logEvents"),
        ),
        (
            format!(r#"{start},"logEvents":[],"sightline":{{"hops":3}}}}"#),
            ParseError::KeyAfterMessages {
                key: "sightline",
                at: 0,
            },
        ),
        (
            format!(r#"{start},"owner":"2","logEvents":[]}}"#),
            duplicate("owner"),
        ),
        (
            format!(r#"{start},"logEvents":[],"logGroup":"h"}}"#),
            duplicate("logGroup"),
        ),
    ]);
}

#[test]
fn every_truncation_of_every_format_is_an_error() {
    for text in [
        ENVELOPE,
        r#"{"Records":[{"x":1}]}"#,
        r#"{"detail-type":"x","detail":{}}"#,
    ] {
        for end in 1..text.len() {
            assert!(read(&text[..end]).is_err(), "{}", &text[..end]);
        }
        assert!(read(&format!("{text}x")).is_err());
        assert!(read(&format!("{text}]")).is_err());
    }
}
