//! What each program requires of its settings before it starts.

use crate::choices::{SinkKind, choices};
use crate::error::{SettingsError, SettingsErrors};
use crate::raw::RawSettings;
use crate::resolve::{KeySource, Settings, resolve_for};
use crate::table::DeliverySettings;
use crate::values::missing;

choices! {
    /// A Lambda function of Sightline. Its word is the name of its program.
    pub enum Function {
        /// Transforms the records of a delivery stream.
        FirehoseTransform = "firehose-transform",
        /// Delivers for Firehose's HTTP-endpoint destination.
        FirehoseRelay = "firehose-relay",
        /// Delivers events as they arrive.
        EventForwarder = "event-forwarder",
        /// Delivers the log files of a bucket.
        S3Forwarder = "s3-forwarder",
    }
}

impl Function {
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

    fn missing(self, delivery: &DeliverySettings) -> Vec<SettingsError> {
        let mut errors = Vec::new();
        if self.delivers() {
            errors = delivery.missing(KeySource::Secret);
        }
        if self == Self::FirehoseRelay && delivery.relay_key_secret.is_none() {
            let reason = "required to authenticate Firehose: without it anyone could send events";
            errors.push(missing("RELAY_KEY_SECRET", reason));
        }
        errors
    }
}

impl DeliverySettings {
    /// Checks that everything is set that delivery requires, with the token from `token`.
    ///
    /// # Errors
    /// Every setting that is missing.
    pub fn complete(&self, token: KeySource) -> Result<(), SettingsErrors> {
        let errors = self.missing(token);
        if errors.is_empty() {
            Ok(())
        } else {
            Err(SettingsErrors(errors))
        }
    }

    fn missing(&self, token: KeySource) -> Vec<SettingsError> {
        let (name, url) = match self.sink {
            SinkKind::Hec => ("HEC_URL", &self.hec_url),
            SinkKind::Logs => ("LOGS_URL", &self.logs_url),
        };
        let mut errors = Vec::new();
        if url.is_none() {
            errors.push(missing(name, "required to deliver events"));
        }
        if token == KeySource::Secret && self.secret.is_none() {
            let reason = "required for the collector's token";
            errors.push(missing("SECRET_NAME", reason));
        }
        errors
    }
}
