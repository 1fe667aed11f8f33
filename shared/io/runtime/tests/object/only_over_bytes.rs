//! `ONLY_OVER_BYTES`: only records that no other route carries.

use runtime::object::ObjectOutcome;

use crate::fixture::{Fixture, LONG, Parts, file, gzip, record, task};

#[tokio::test]
async fn only_large_records_are_sent() {
    let mut fixture = Fixture::new(&[("ONLY_OVER_BYTES", "600")]).await;
    let records: Vec<String> = (0..700).map(record).collect();
    fixture
        .forward(&task(), Parts::of(&gzip(&file(&records)), 4096), LONG)
        .await;
    let expected: Vec<usize> = (0..700).filter(|n| records[*n].len() > 600).collect();
    assert_eq!(fixture.arrived(), expected);
    assert_eq!(
        fixture.metrics.counters.events_dropped as usize,
        700 - expected.len()
    );
}

const OVERSIZE_ONLY: (&str, &str) = ("ONLY_OVER_BYTES", "600");

#[tokio::test]
async fn an_object_of_small_unparsed_values_is_skipped() {
    for content in [
        r#"{"fileVersion":"1.0","configurationItems":[]}"#,
        "http 2018-07-02T22:23:00.186641Z app/x 192.168.131.39:2817",
        r#"{"awsAccountId":"111122223333","digestStartTime":"x","logFiles":[]}"#,
    ] {
        let mut fixture = Fixture::new(&[OVERSIZE_ONLY]).await;
        let parts = Parts::of(content.as_bytes(), 50);
        assert_eq!(
            fixture.forward(&task(), parts, LONG).await,
            ObjectOutcome::NotCloudTrail
        );
        assert_eq!(fixture.metrics.counters.events_in, 0, "{content}");
    }
}

#[tokio::test]
async fn records_in_lines_are_filtered_by_their_own_size() {
    let lines: Vec<String> = (0..700).map(record).collect();
    let strange = "[1,2]\n{\"a\":1}\n".to_owned();
    let bytes = (strange + &lines.join("\n")).into_bytes();
    let mut fixture = Fixture::new(&[OVERSIZE_ONLY]).await;
    assert_eq!(
        fixture
            .forward(&task(), Parts::of(&bytes, 4096), LONG)
            .await,
        ObjectOutcome::Done
    );
    let large: Vec<usize> = (0..700).filter(|n| lines[*n].len() > 600).collect();
    assert_eq!(fixture.arrived(), large);
    assert_eq!(fixture.collector.events().len(), large.len());
    let counters = fixture.metrics.counters;
    assert_eq!(counters.events_in, 702);
    assert_eq!(counters.events_dropped as usize, 702 - large.len());
    assert!(fixture.reconciles());
}

#[tokio::test]
async fn a_file_that_does_not_begin_with_its_list_is_filtered_record_by_record() {
    let records: Vec<String> = (0..400).map(record).collect();
    let file = String::from_utf8(file(&records)).unwrap();
    let bytes = file.replacen('{', r#"{"other":1,"#, 1).into_bytes();
    let mut fixture = Fixture::new(&[OVERSIZE_ONLY]).await;
    assert_eq!(
        fixture
            .forward(&task(), Parts::of(&bytes, 4096), LONG)
            .await,
        ObjectOutcome::Done
    );
    let large: Vec<usize> = (0..400).filter(|n| records[*n].len() > 600).collect();
    assert_eq!(fixture.arrived(), large);
    assert_eq!(fixture.metrics.counters.events_in, 400);
    assert!(fixture.reconciles());
}
