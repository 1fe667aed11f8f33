//! The output of a function, one JSON object per line.

use serde_json::Value;

/// The sum of an embedded metric over the whole output.
///
/// # Panics
/// If a line is not JSON.
#[must_use]
pub fn counted(output: &str, metric: &str) -> u64 {
    lines(output).filter_map(|line| line[metric].as_u64()).sum()
}

/// Every line of the output.
///
/// # Panics
/// If a line is not JSON.
pub fn lines(output: &str) -> impl Iterator<Item = Value> + '_ {
    output
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}")))
}
