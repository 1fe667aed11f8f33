//! Counters of a stream.

/// The counters of a stream so far. After a flush,
/// `put = delivered + dropped + processing_failed + splunk_failed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamStats {
    /// Records accepted.
    pub put: u64,
    /// Entries rejected with `ServiceUnavailableException`.
    pub rejected: u64,
    /// Bytes accepted, before base64.
    pub bytes_in: u64,
    /// Invocations of the transformation, including retries.
    pub invocations: u64,
    /// Invocations that failed.
    pub failed_invocations: u64,
    /// Records that the transformation dropped.
    pub dropped: u64,
    /// Records delivered (and acknowledged, if the destination has acknowledgments).
    pub delivered: u64,
    /// Transformed bytes delivered, before compression.
    pub bytes_out: u64,
    /// Requests with data to the destination, including retries.
    pub posts: u64,
    /// Records quarantined after the transformation.
    pub processing_failed: u64,
    /// Records quarantined after delivery failed.
    pub splunk_failed: u64,
}
