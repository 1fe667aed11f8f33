//! Nothing is lost, duplicated or altered, and nothing panics.

use std::collections::HashMap;

use firehose::{FailureReason, MAX_HOPS};
use pipeline::{Counters, Decompressor, Output, Route};
use proptest::prelude::*;

use crate::generate::records;
use crate::invoke::{
    envelope, event, event_of, gzip, id_of, invoke, masking, pipeline, results, settings,
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn records_are_forwarded_byte_for_byte_without_masking(records in records(8)) {
        let settings = settings(&[]);
        let (result, _) = invoke(&event(&[gzip(envelope(&records).as_bytes())]), &settings, || false);
        let results = results(&result.response, 1, 6_000_000);
        let events: Vec<&str> = results[0].1.iter().map(|line| event_of(line)).collect();
        prop_assert_eq!(events, records);
    }

    #[test]
    fn every_event_is_returned_or_reingested_once_until_none_is_left(
        batches in prop::collection::vec(records(12), 1..5),
        limit in 10_000usize..60_000,
        cap in prop::option::of(4_000usize..20_000),
    ) {
        let mut pairs = vec![("MAX_RESPONSE_BYTES", limit.to_string())];
        pairs.extend(cap.map(|cap| ("MAX_RECORD_BYTES", cap.to_string())));
        let settings = settings(&pairs);
        let mut expected: HashMap<String, usize> = HashMap::new();
        for number in batches.iter().flat_map(|records| 0..records.len()) {
            *expected.entry(format!("id-{number}")).or_default() += 1;
        }
        let mut inputs: Vec<Vec<u8>> = batches.iter().map(|records| gzip(envelope(records).as_bytes())).collect();
        let mut quarantined = 0;
        for hop in 0.. {
            let (result, back) = invoke(&event(&inputs), &settings, || false);
            prop_assert!(result.counters.reconcile(), "{:?}", result.counters);
            let Counters { events_out, events_quarantined, records_failed, .. } = result.counters;
            prop_assert_eq!(records_failed, 0);
            quarantined += events_quarantined as usize;
            let mut out = 0;
            for (result, lines) in results(&result.response, inputs.len(), limit) {
                prop_assert_eq!(result == "Ok", !lines.is_empty());
                let bytes: usize = lines.iter().map(|line| line.len() + 1).sum();
                prop_assert!(bytes <= cap.unwrap_or(usize::MAX));
                for line in lines {
                    out += 1;
                    *expected.get_mut(&id_of(&line)).unwrap() -= 1;
                }
            }
            prop_assert_eq!(out, events_out);
            if back.is_empty() {
                break;
            }
            prop_assert!(hop < MAX_HOPS);
            inputs = back;
        }
        prop_assert_eq!(expected.values().sum::<usize>(), quarantined);
    }

    #[test]
    fn records_that_cannot_be_reingested_are_processing_failed(
        batches in prop::collection::vec(records(12), 1..4),
        limit in 10_000usize..30_000,
        refusals in prop::collection::vec(any::<bool>(), 64),
    ) {
        let settings = settings(&[("MAX_RESPONSE_BYTES", limit.to_string())]);
        let inputs: Vec<Vec<u8>> = batches.iter().map(|records| envelope(records).into_bytes()).collect();
        let mut refusals = refusals.into_iter().cycle();
        let mut refused = 0;
        let (result, back) = invoke(&event(&inputs), &settings, || {
            let refuse = refusals.next().unwrap();
            refused += usize::from(refuse);
            refuse
        });
        let counters = result.counters;
        prop_assert!(counters.reconcile(), "{counters:?}");
        prop_assert_eq!(counters.events_in as usize, batches.iter().map(Vec::len).sum::<usize>());
        let failed = results(&result.response, inputs.len(), limit).iter().filter(|a| a.0 == "ProcessingFailed").count();
        prop_assert_eq!(failed, result.failures.len());
        prop_assert_eq!(refused > 0, result.failures.iter().any(|f| f.reason == FailureReason::ReingestFailed));
        prop_assert_eq!(back.is_empty(), counters.events_reingested == 0);
    }

    #[test]
    fn no_bytes_cause_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), compress: bool) {
        let bytes = if compress { gzip(&bytes) } else { bytes };
        let mut decompressor = Decompressor::default();
        if let Ok(text) = decompressor.decompress(&bytes) {
            let _ = pipeline(&masking()).run(text, &Route::default(), &mut Output::default());
        }
        let (result, _) = invoke(&event(&[bytes]), &masking(), || false);
        prop_assert!(result.counters.reconcile());
    }

    #[test]
    fn no_change_of_an_envelope_causes_a_panic_or_affects_its_neighbours(
        records in records(4),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut: bool,
    ) {
        let good = envelope(&records);
        let mut bad = good.clone().into_bytes();
        let at = at.index(bad.len());
        if cut { bad.truncate(at) } else { bad[at] = byte }
        let inputs = [good.clone().into_bytes(), bad, good.into_bytes()];
        let (result, _) = invoke(&event(&inputs), &masking(), || false);
        prop_assert!(result.counters.reconcile());
        let results = results(&result.response, 3, 6_000_000);
        prop_assert_eq!(results[0].1.len(), records.len());
        prop_assert_eq!(&results[0], &results[2]);
    }
}
