//! A stream is cut alike whatever the chunks it comes in.
#![no_main]

use cloudtrail::Splitter;
use libfuzzer_sys::fuzz_target;

fn split(bytes: &[u8], size: usize) -> Vec<Vec<u8>> {
    let mut splitter = Splitter::new(1 << 20);
    let mut values = Vec::new();
    for chunk in bytes.chunks(size) {
        splitter.push(chunk);
        while let Some(value) = splitter.next_value().expect("inputs are short") {
            values.push(value.to_vec());
        }
    }
    splitter.end();
    while let Some(value) = splitter.next_value().expect("inputs are short") {
        values.push(value.to_vec());
    }
    values
}

fuzz_target!(|bytes: &[u8]| {
    let whole = split(bytes, bytes.len().max(1));
    for size in [1, 7, 64] {
        assert_eq!(split(bytes, size), whole);
    }
});
