//! `sightline replay` with a bucket and a queue of the emulator.

mod queues;

use std::fs;
use std::io::Write as _;
use std::process::{Command, Output};

use base64_simd::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use scenarios::cloudtrail::{PERSON, record};
use scenarios::firehose::{gzip, subscription};
use scenarios::{Emulator, Siem, artifacts};
use serde_json::json;

fn compressed(text: &str) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(text.as_bytes()).expect("memory");
    gzip.finish().expect("memory")
}

fn sightline(emulator: &Emulator, siem: &Siem, arguments: &[&str]) -> Option<Output> {
    let folder = tempfile::tempdir().expect("a folder");
    let key = folder.path().join("key");
    fs::write(
        &key,
        r#"{"key_id":"k1","key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}"#,
    )
    .expect("a file");
    let mut command = Command::new(artifacts::binary("sightline")?);
    command
        .args(arguments)
        .arg("--mask-key-file")
        .arg(&key)
        .env_clear();
    let (aws, hec) = (emulator.url(), siem.url());
    let environment = [
        ("AWS_ENDPOINT_URL", aws.as_str()),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "111122223333"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("HEC_URL", &hec),
        ("SECRET_NAME", "hec"),
        ("MASK_MODE", "hmac"),
        ("DLQ_BUCKET", "kept"),
    ];
    Some(command.envs(environment).output().expect("the command"))
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn stored_objects_are_delivered_and_removed() {
    let Some(emulator) = Emulator::start() else {
        return;
    };
    let siem = Siem::start("t0ken");
    emulator.create_secret("hec", "t0ken");
    emulator.create_bucket("kept");
    let ready = "{\"time\":1,\"event\":{\"eventID\":\"ready\"}}\n";
    emulator.put_object(
        "kept",
        "dead-letters/s3-forwarder/2026/01/01/00/hec-6-x.json.gz",
        &compressed(ready),
    );
    let raw = json!({"rawData": STANDARD.encode_to_string(gzip(record("raw", 700).as_bytes()))});
    emulator.put_object(
        "kept",
        "processing-failed/2026/x",
        raw.to_string().as_bytes(),
    );
    let logs = STANDARD.encode_to_string(subscription(&[record("undelivered", 700)]));
    let undelivered = json!({
        "version": "1.0", "requestContext": { "condition": "RetriesExhausted", "approximateInvokeCount": 3 },
        "requestPayload": { "awslogs": { "data": logs } }, "responsePayload": { "errorMessage": "not delivered" },
    });
    let key = "aws/lambda/async/event-forwarder/2026/01/02/x";
    emulator.put_object("kept", key, undelivered.to_string().as_bytes());
    emulator.put_object("kept", "other/stays", b"x");

    let Some(dry) = sightline(
        &emulator,
        &siem,
        &["replay", "s3://kept/dead-letters/", "--dry-run"],
    ) else {
        return;
    };
    assert!(
        dry.status.success() && siem.ids().is_empty(),
        "{}",
        text(&dry)
    );
    for prefix in [
        "s3://kept/dead-letters/",
        "s3://kept/processing-failed/",
        "s3://kept/aws/lambda/async/",
    ] {
        let output = sightline(&emulator, &siem, &["replay", prefix]).expect("it was there before");
        assert!(
            output.status.success() && text(&output).contains("1 removed, 0 kept"),
            "{}",
            text(&output)
        );
    }
    assert_eq!(siem.ids(), ["raw", "ready", "undelivered"]);
    assert_eq!(emulator.keys("kept"), ["other/stays"]);
    assert!(
        siem.events()
            .iter()
            .all(|event| !event.to_string().contains(PERSON))
    );
}
