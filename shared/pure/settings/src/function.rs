//! What each Lambda function requires of its settings before it starts.

use crate::error::SettingsErrors;
use crate::model::{DeliverySettings, TokenSource};
use crate::raw::RawSettings;
use crate::resolve::{KeySource, Settings, resolve_for};

/// A Lambda function of Sightline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// Transforms the records of a delivery stream.
    FirehoseTransform,
    /// Delivers for Firehose's HTTP-endpoint destination.
    FirehoseRelay,
    /// Delivers events as they arrive.
    EventForwarder,
    /// Delivers the log files of a bucket.
    S3Forwarder,
}

impl Function {
    /// Every function.
    pub const ALL: [Self; 4] = [
        Self::FirehoseTransform,
        Self::FirehoseRelay,
        Self::EventForwarder,
        Self::S3Forwarder,
    ];

    /// The name of its program.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FirehoseTransform => "firehose-transform",
            Self::FirehoseRelay => "firehose-relay",
            Self::EventForwarder => "event-forwarder",
            Self::S3Forwarder => "s3-forwarder",
        }
    }

    /// The function whose program has this name; `None` for any other name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|function| function.name() == name)
    }

    /// Whether it evaluates detection rules, so that it reads `RULES_DIR` and `OWN_RESOURCES`.
    #[must_use]
    pub fn evaluates_rules(self) -> bool {
        self != Self::FirehoseRelay
    }

    /// Whether it delivers to the collector, so that it connects to `HEC_URL` or `LOGS_URL`.
    #[must_use]
    pub fn delivers(self) -> bool {
        self != Self::FirehoseTransform
    }

    /// The settings that this function starts with: those of [`crate::resolve`], complete for
    /// what the function does.
    ///
    /// # Errors
    /// Every error at once, including required settings that are missing.
    pub fn resolve(self, raw: &RawSettings) -> Result<Settings, SettingsErrors> {
        resolve_for(raw, KeySource::Secret, |delivery| self.missing(delivery))
    }

    fn missing(self, delivery: &DeliverySettings) -> Vec<(&'static str, &'static str)> {
        let mut missing = Vec::new();
        if self.delivers() {
            missing = delivery.missing(TokenSource::Secret);
        }
        if self == Self::FirehoseRelay && delivery.relay_key_secret.is_none() {
            let reason = "required to authenticate Firehose: without it anyone could send events";
            missing.push(("RELAY_KEY_SECRET", reason));
        }
        missing
    }
}
