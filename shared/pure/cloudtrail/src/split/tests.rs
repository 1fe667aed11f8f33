use super::*;

/// The values of `text` if it arrives in chunks of `size` bytes.
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
fn values_do_not_depend_on_the_chunks() {
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
fn splits_a_log_file_into_its_records() {
    let text = r#" { "Records" : [ {"a":"]"} , {"b":[{}]},5 ] ,"more":{"x":"}"},"n":1 } {"c":1}"#;
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
fn enforces_the_cap() {
    let mut splitter = Splitter::new(100);
    splitter.push(b"{} [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25");
    assert_eq!(splitter.next_value().unwrap(), Some(&b"{}"[..]));
    splitter.push(&[b'1'; 200]);
    assert_eq!(splitter.next_value(), Err(ValueTooLong { at: 3, cap: 100 }));
}
