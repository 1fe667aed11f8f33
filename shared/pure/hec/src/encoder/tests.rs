use super::*;

fn object(encoder: &Encoder, metadata: EventMetadata<'_>, event: &str) -> String {
    let mut out = Vec::new();
    encoder.begin(metadata, &mut out);
    out.extend_from_slice(event.as_bytes());
    encoder.end(&mut out, |pairs| {
        pairs.content("a", "x\\u0041");
        pairs.text("b", "\"");
        pairs.number("c", 7);
    });
    String::from_utf8(out).unwrap()
}

fn metadata(time: Time<'_>) -> EventMetadata<'_> {
    EventMetadata {
        time: Some(time),
        host: "1",
        source: "s",
        source_type: SourceType::Record,
    }
}

#[test]
fn keys_have_the_order_of_the_contract() {
    let encoder = Encoder::new(Annotate::Fields, "aws:cloudtrail", Some("main"));
    assert_eq!(
        object(&encoder, metadata(Time::Seconds(5, "")), r#"{"k":1}"#),
        concat!(
            r#"{"time":5,"host":"1","source":"s","sourcetype":"aws:cloudtrail","index":"main","#,
            r#""event":{"k":1},"fields":{"a":"x\u0041","b":"\"","c":7}}"#,
            "\n"
        )
    );
}

#[test]
fn annotations_go_where_the_setting_says() {
    let bare = EventMetadata {
        time: None,
        host: "",
        source: "",
        source_type: SourceType::Insight,
    };
    let encode = |annotate, event| object(&Encoder::new(annotate, "x", None), bare, event);
    let start = r#"{"sourcetype":"aws:cloudtrail:insight","event":"#;
    let pairs = r#"{"a":"x\u0041","b":"\"","c":7}"#;
    let inside = format!("{start}{{\"k\":1,\"sightline\":{pairs}}}}}\n");
    assert_eq!(encode(Annotate::Event, r#"{"k":1}"#), inside);
    assert_eq!(
        encode(Annotate::Event, r#""text""#),
        format!("{start}\"text\"}}\n")
    );
    assert_eq!(
        encode(Annotate::Off, r#"{"k":1}"#),
        format!("{start}{{\"k\":1}}}}\n")
    );
}

#[test]
fn times_are_exact() {
    for (time, text) in [
        (Time::Seconds(1_698_417_200, ""), "1698417200"),
        (Time::Seconds(1_698_417_200, "120"), "1698417200.120"),
        (Time::Millis(1_698_417_200_007), "1698417200.007"),
        (Time::Seconds(-1, ""), "-1"),
        (Time::Seconds(-1, "25"), "-0.75"),
        (Time::Seconds(-2, "2500"), "-1.7500"),
        (Time::Millis(-1), "-0.001"),
    ] {
        let mut out = Vec::new();
        push_time(time, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), text);
    }
}
