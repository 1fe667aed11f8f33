//! How a check ended.

/// The end of a check that found nothing wrong.
pub(crate) enum Outcome {
    /// Everything was checked.
    Passed,
    /// A program that the check needs is missing. In CI this is an error instead.
    Skipped,
}
