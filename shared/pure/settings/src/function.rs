//! What each Lambda function requires of its settings before it starts.

use crate::delivery::{DeliverySettings, TokenSource};
use crate::problem::Problems;
use crate::raw::RawSettings;
use crate::resolved::{KeySource, Settings, resolve_and};

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
    /// Every problem at once, required settings that are missing among them.
    pub fn resolve(self, raw: &RawSettings) -> Result<Settings, Problems> {
        resolve_and(raw, KeySource::Secret, |reader, delivery| {
            for (name, message) in self.missing(delivery) {
                // A value that is wrong has been reported and reads as unset.
                if !reader.is_set(name) {
                    reader.problem(name, message);
                }
            }
        })
    }

    fn missing(self, delivery: &DeliverySettings) -> Vec<(&'static str, &'static str)> {
        let mut missing = Vec::new();
        if self.delivers() {
            missing = delivery.missing(TokenSource::Secret);
        }
        if self == Self::FirehoseRelay && delivery.relay_key_secret.is_none() {
            missing.push((
                "RELAY_KEY_SECRET",
                "is not set; without the delivery stream's access key anyone could send events to the function",
            ));
        }
        missing
    }
}

#[cfg(test)]
mod tests {
    use super::Function;

    /// What `function` reports about `pairs`, a line for each problem.
    fn problems(function: Function, pairs: &[(&str, &str)]) -> String {
        let raw = pairs.iter().copied().collect();
        function
            .resolve(&raw)
            .map_or_else(|problems| problems.to_string(), |_| String::new())
    }

    #[test]
    fn every_function_is_found_by_its_name() {
        for function in Function::ALL {
            assert_eq!(Function::from_name(function.name()), Some(function));
        }
        assert_eq!(Function::from_name("sightline-s3-forwarder"), None);
    }

    #[test]
    fn each_function_requires_what_it_cannot_work_without() {
        let delivery = "HEC_URL: is not set; without it there is nowhere to deliver to; accepts an https URL; http on this machine\n\
             SECRET_NAME: is not set; the collector's token comes from it; accepts name or ARN of a Secrets Manager secret";
        let key = "RELAY_KEY_SECRET: is not set; without the delivery stream's access key anyone could send events to the function; accepts name or ARN of a Secrets Manager secret";
        assert_eq!(problems(Function::FirehoseTransform, &[]), "");
        assert_eq!(problems(Function::EventForwarder, &[]), delivery);
        assert_eq!(problems(Function::S3Forwarder, &[]), delivery);
        assert_eq!(
            problems(Function::FirehoseRelay, &[]),
            format!("{delivery}\n{key}")
        );
        let complete = [
            ("HEC_URL", "https://hec.example"),
            ("SECRET_NAME", "hec"),
            ("RELAY_KEY_SECRET", "key"),
        ];
        for function in Function::ALL {
            assert_eq!(problems(function, &complete), "");
        }
    }

    #[test]
    fn what_is_missing_is_reported_with_what_is_wrong() {
        let raw = [("HEC_URL", "http://hec.example"), ("MASK_MODE", "on")];
        let found = problems(Function::EventForwarder, &raw);
        let settings: Vec<&str> = found
            .lines()
            .filter_map(|line| Some(line.split_once(": ")?.0))
            .collect();
        assert_eq!(settings, ["MASK_MODE", "HEC_URL", "SECRET_NAME"]);
    }
}
