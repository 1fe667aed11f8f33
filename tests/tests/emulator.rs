//! The behavior of the emulator that scenarios depend on.

use base64_simd::STANDARD;
use scenarios::Emulator;
use serde_json::json;

#[test]
fn records_of_a_stream_arrive_byte_for_byte() {
    let Some(emulator) = Emulator::start() else {
        return;
    };
    emulator.create_delivery_stream("trail");
    let sent: Vec<Vec<u8>> = vec![
        b"\x1f\x8b\x00\xff".to_vec(),
        b"two\n".to_vec(),
        b"two\n".to_vec(),
    ];
    let records: Vec<_> = sent
        .iter()
        .map(|data| json!({ "Data": STANDARD.encode_to_string(data) }))
        .collect();
    let answer = emulator.call(
        "Firehose_20150804.PutRecordBatch",
        &json!({ "DeliveryStreamName": "trail", "Records": records }),
    );
    assert_eq!(answer["FailedPutCount"], 0);

    let mut arrived = emulator.delivered("trail");
    arrived.sort();
    assert_eq!(arrived, sent);
}

#[test]
fn a_listing_of_several_pages_is_complete() {
    let Some(emulator) = Emulator::start() else {
        return;
    };
    emulator.create_delivery_stream("trail");
    let records = vec![json!({ "Data": STANDARD.encode_to_string("x") }); 500];
    for _ in 0..3 {
        emulator.call(
            "Firehose_20150804.PutRecordBatch",
            &json!({ "DeliveryStreamName": "trail", "Records": records }),
        );
    }
    assert_eq!(emulator.delivered("trail").len(), 1500);
}

#[test]
fn a_secret_changes() {
    let Some(emulator) = Emulator::start() else {
        return;
    };
    let value = || {
        emulator.call(
            "secretsmanager.GetSecretValue",
            &json!({ "SecretId": "mask" }),
        )["SecretString"]
            .clone()
    };
    emulator.create_secret("mask", "first");
    assert_eq!(value(), "first");
    emulator.change_secret("mask", "second");
    assert_eq!(value(), "second");
}
