use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::{
    BufferingStream, Failure, InvalidArgument, SplunkDestination, StreamOptions, Transform,
};
use crate::collector::{Collector, CollectorOptions, Fault};

const TOKEN: &str = "t";

async fn collector() -> Collector {
    let mut options = CollectorOptions::new(TOKEN);
    options.acks = true;
    Collector::start(options).await.unwrap()
}

fn options(collector: &Collector, transform: Transform) -> StreamOptions {
    let url = collector.url();
    let destination = SplunkDestination {
        url,
        token: TOKEN.into(),
        acks: true,
        gzip: true,
    };
    let mut options = StreamOptions::new(transform, destination);
    options.buffer_interval = Duration::from_millis(10);
    options
}

/// A transformation with the result `answer` for each record, given its number in the invocation.
fn transform_with(answer: impl Fn(usize, &Value) -> Value + Send + Sync + 'static) -> Transform {
    let answer = Arc::new(answer);
    Arc::new(move |event| {
        let answer = Arc::clone(&answer);
        Box::pin(async move {
            let event: Value = serde_json::from_slice(&event).map_err(|error| error.to_string())?;
            let records = event["records"]
                .as_array()
                .ok_or("no records")?
                .iter()
                .enumerate();
            let records: Vec<Value> = records
                .map(|(number, record)| answer(number, record))
                .collect();
            Ok(json!({ "records": records }).to_string().into_bytes())
        })
    })
}

fn ok(record: &Value) -> Value {
    json!({"recordId": record["recordId"], "result": "Ok", "data": record["data"]})
}

fn event(number: usize) -> Vec<u8> {
    format!("{{\"event\":{{\"n\":{number}}}}}\n").into_bytes()
}

#[tokio::test]
async fn records_arrive_once() {
    let collector = collector().await;
    let stream =
        BufferingStream::start(options(&collector, transform_with(|_, record| ok(record))))
            .unwrap();
    for call in 0..5 {
        let reply = stream
            .put_record_batch((0..100).map(|n| event(call * 100 + n)).collect())
            .unwrap();
        assert_eq!(reply.failed_put_count(), 0);
    }
    stream.flush().await;
    let mut arrived = collector.events();
    arrived.sort();
    let mut expected: Vec<Vec<u8>> = (0..500).map(|n| event(n).trim_ascii().to_vec()).collect();
    expected.sort();
    assert_eq!(arrived, expected);
    assert_eq!(stream.stats().delivered, 500);
    assert!(stream.quarantine().is_empty());
}

#[tokio::test]
async fn results_apply_record_by_record() {
    let collector = collector().await;
    let transform = transform_with(|_, record| match record["data"].as_str() {
        Some("ZHJvcA==") => json!({"recordId": record["recordId"], "result": "Dropped"}),
        Some("ZmFpbA==") => json!({"recordId": record["recordId"], "result": "ProcessingFailed"}),
        _ => ok(record),
    });
    let stream = BufferingStream::start(options(&collector, transform)).unwrap();
    stream
        .put_record_batch(vec![event(1), b"drop".to_vec(), b"fail".to_vec(), event(2)])
        .unwrap();
    stream.flush().await;
    assert_eq!(collector.events().len(), 2);
    assert_eq!(stream.stats().dropped, 1);
    let quarantine = stream.quarantine();
    assert_eq!(quarantine.len(), 1);
    assert_eq!(
        (quarantine[0].failure, &quarantine[0].data[..]),
        (Failure::Processing, &b"fail"[..])
    );
}

#[tokio::test]
async fn an_invalid_response_of_the_transformation_loses_nothing() {
    for nonsense in [
        "",
        "{}",
        r#"{"records":[]}"#,
        r#"{"records":[{"recordId":"x","result":"Ok","data":""}]}"#,
    ] {
        let collector = collector().await;
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let transform: Transform = Arc::new(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move { Ok(nonsense.as_bytes().to_vec()) })
        });
        let stream = BufferingStream::start(options(&collector, transform)).unwrap();
        stream.put_record_batch(vec![event(1), event(2)]).unwrap();
        stream.flush().await;
        let kept: Vec<Vec<u8>> = stream
            .quarantine()
            .into_iter()
            .map(|record| record.data)
            .collect();
        assert_eq!(kept, [event(1), event(2)], "{nonsense}");
        assert!(calls.load(Ordering::Relaxed) > 0 && collector.events().is_empty());
    }
}

#[tokio::test]
async fn a_busy_collector_is_retried() {
    let collector = collector().await;
    for _ in 0..2 {
        collector.faults().push(Fault::BusyCode9);
    }
    let stream =
        BufferingStream::start(options(&collector, transform_with(|_, record| ok(record))))
            .unwrap();
    stream.put_record_batch(vec![event(1)]).unwrap();
    stream.flush().await;
    assert_eq!(collector.events().len(), 1);
    assert!(stream.quarantine().is_empty());
}

#[tokio::test]
async fn rejected_entries_are_reported() {
    let collector = collector().await;
    let mut options = options(&collector, transform_with(|_, record| ok(record)));
    options.put_fault = Some(Arc::new(|_, place| place == 1));
    let stream = BufferingStream::start(options).unwrap();
    let reply = stream
        .put_record_batch(vec![event(1), event(2), event(3)])
        .unwrap();
    assert_eq!(
        reply.records,
        [None, Some("ServiceUnavailableException"), None]
    );
    stream.flush().await;
    assert_eq!(collector.events().len(), 2);
}

#[tokio::test]
async fn calls_over_a_limit_are_rejected_completely() {
    let collector = collector().await;
    let stream =
        BufferingStream::start(options(&collector, transform_with(|_, record| ok(record))))
            .unwrap();
    let put = |records: Vec<Vec<u8>>| {
        stream
            .put_record_batch(records)
            .map(|reply| reply.records.len())
    };
    assert_eq!(put(vec![]), Err(InvalidArgument::Records(0)));
    assert_eq!(put(vec![event(1); 501]), Err(InvalidArgument::Records(501)));
    let large = vec![b'x'; 1000 * 1024];
    assert_eq!(
        put(vec![[&large[..], b"x"].concat()]),
        Err(InvalidArgument::RecordBytes {
            index: 0,
            bytes: large.len() + 1
        })
    );
    assert!(matches!(
        put(vec![large; 5]),
        Err(InvalidArgument::BatchBytes(_))
    ));
    stream.flush().await;
    assert_eq!(stream.stats().put, 0);
}
