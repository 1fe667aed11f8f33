//! Counters of a stream.

/// What a stream has done so far. Once flushed,
/// `put = delivered + dropped + processing_failed + splunk_failed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamStats {
    /// Records taken.
    pub put: u64,
    /// Entries refused with `ServiceUnavailableException`.
    pub refused: u64,
    /// Bytes taken, before base64.
    pub bytes_in: u64,
    /// Invocations of the transform, tries again included.
    pub invocations: u64,
    /// Invocations that failed.
    pub failed_invocations: u64,
    /// Records that the transform dropped.
    pub dropped: u64,
    /// Records delivered (and acknowledged, where the destination has acknowledgements).
    pub delivered: u64,
    /// Transformed bytes delivered, before compression.
    pub bytes_out: u64,
    /// Requests with data to the destination, tries again included.
    pub posts: u64,
    /// Records quarantined by the transform.
    pub processing_failed: u64,
    /// Records quarantined by the destination.
    pub splunk_failed: u64,
}
