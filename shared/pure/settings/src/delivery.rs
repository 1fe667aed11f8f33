//! Where forwarders deliver to, and what becomes of what cannot be delivered.

use std::ops::RangeInclusive;

use crate::output::Profile;
use crate::problem::{Problem, Problems};
use crate::reader::Reader;
use crate::table;

/// One request before compression. Above 800 MB no Splunk takes it; below 10 kB most events would
/// stand alone.
const REQUEST_BYTES: RangeInclusive<usize> = 10_000..=800_000_000;

/// Sizes of records that `ONLY_OVER_BYTES` tells apart.
const RECORD_BYTES: RangeInclusive<usize> = 1..=64 * 1024 * 1024;

/// Which protocol the collector speaks (`SINK`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SinkKind {
    /// Splunk HTTP Event Collector.
    Hec,
    /// `POST {endpoint}/v1/logs`.
    Logs,
}

/// How the objects of a request are put together (`HEC_BATCH`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchForm {
    /// One after the other.
    Concatenated,
    /// A JSON array.
    Array,
    /// One object a request.
    Single,
}

/// Delivery as far as it is set. The transformation needs none of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliverySettings {
    /// The protocol.
    pub sink: SinkKind,
    /// `HEC_URL`
    pub hec_url: Option<String>,
    /// `LOGS_URL`
    pub logs_url: Option<String>,
    /// `LOGS_ORG_ID`
    pub logs_organization: Option<String>,
    /// PEM file with certificate authorities trusted in addition to the system's (`HEC_CA_FILE`).
    pub ca_file: Option<String>,
    /// Name or ARN of the secret with the token (`SECRET_NAME`).
    pub secret: Option<String>,
    /// The most bytes of a request before compression (`HEC_MAX_BYTES`).
    pub max_bytes: usize,
    /// `HEC_BATCH`
    pub batch: BatchForm,
    /// Whether indexer acknowledgement is asked for (`HEC_ACKS`).
    pub acks: bool,
    /// Whether requests are compressed; by profile.
    pub gzip: bool,
    /// Bucket for what cannot be delivered (`DLQ_BUCKET`).
    pub dead_letter_bucket: Option<String>,
    /// Name or ARN of the secret with the relay's access key (`RELAY_KEY_SECRET`).
    pub relay_key_secret: Option<String>,
    /// Notifications on a queue filter records of this many bytes or fewer (`ONLY_OVER_BYTES`).
    pub only_over_bytes: Option<usize>,
}

/// Where the token comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenSource {
    /// Secrets Manager: `SECRET_NAME` is required.
    Secret,
    /// A file that stands in for it.
    File,
}

const SINKS: &[(&str, SinkKind)] = &[("hec", SinkKind::Hec), ("logs", SinkKind::Logs)];

const FORMS: &[(&str, BatchForm)] = &[
    ("concatenated", BatchForm::Concatenated),
    ("array", BatchForm::Array),
    ("single", BatchForm::Single),
];

const SWITCH: &[(&str, bool)] = &[("on", true), ("off", false)];

/// Reads SINK and what follows it in the table.
pub(crate) fn read(reader: &mut Reader<'_>, profile: Profile) -> DeliverySettings {
    let sink = reader.word("SINK", SINKS, SinkKind::Hec);
    let hec_url = url(reader, "HEC_URL");
    let ca_file = text(reader, "HEC_CA_FILE");
    let secret = text(reader, "SECRET_NAME");
    let max_bytes = reader
        .number("HEC_MAX_BYTES", REQUEST_BYTES)
        .unwrap_or(1_000_000);
    reader.resolved("HEC_MAX_BYTES", max_bytes.to_string());
    let batch = reader.word("HEC_BATCH", FORMS, BatchForm::Concatenated);
    let acks = reader.word("HEC_ACKS", SWITCH, false);
    if acks && profile == Profile::Huntress {
        reader.problem("HEC_ACKS", "cannot be on with HEC_PROFILE=huntress, which has no indexer acknowledgement; do not set it");
    }
    let logs_url = url(reader, "LOGS_URL");
    let logs_organization = reader.token("LOGS_ORG_ID").map(str::to_owned);
    reader.resolved("LOGS_ORG_ID", logs_organization.clone().unwrap_or_default());
    let dead_letter_bucket = reader.token("DLQ_BUCKET").map(str::to_owned);
    reader.resolved("DLQ_BUCKET", dead_letter_bucket.clone().unwrap_or_default());
    let relay_key_secret = text(reader, "RELAY_KEY_SECRET");
    let only_over_bytes = reader.number("ONLY_OVER_BYTES", RECORD_BYTES);
    reader.resolved(
        "ONLY_OVER_BYTES",
        only_over_bytes.map_or_else(String::new, |n| n.to_string()),
    );
    DeliverySettings {
        sink,
        hec_url,
        ca_file,
        logs_url,
        logs_organization,
        secret,
        max_bytes,
        batch,
        acks,
        gzip: profile == Profile::Splunk,
        dead_letter_bucket,
        relay_key_secret,
        only_over_bytes,
    }
}

impl DeliverySettings {
    /// Checks that there is all that delivering needs.
    ///
    /// # Errors
    /// Every setting that is missing.
    pub fn complete(&self, token: TokenSource) -> Result<(), Problems> {
        let missing = self.missing(token);
        if missing.is_empty() {
            return Ok(());
        }
        let problem = |(name, message): (&str, &str)| Problem {
            setting: name.to_owned(),
            message: message.to_owned(),
            accepts: table::setting(name).map_or("", |setting| setting.accepts),
        };
        Err(Problems(missing.into_iter().map(problem).collect()))
    }

    /// Every setting that delivering needs and that is not there, with what to report about it.
    pub(crate) fn missing(&self, token: TokenSource) -> Vec<(&'static str, &'static str)> {
        let (name, url) = match self.sink {
            SinkKind::Hec => ("HEC_URL", &self.hec_url),
            SinkKind::Logs => ("LOGS_URL", &self.logs_url),
        };
        let mut missing = Vec::new();
        if url.is_none() {
            missing.push((
                name,
                "is not set; without it there is nowhere to deliver to",
            ));
        }
        if token == TokenSource::Secret && self.secret.is_none() {
            missing.push((
                "SECRET_NAME",
                "is not set; the collector's token comes from it",
            ));
        }
        missing
    }
}

fn text(reader: &mut Reader<'_>, name: &'static str) -> Option<String> {
    let value = reader.text(name).map(str::to_owned);
    reader.resolved(name, value.clone().unwrap_or_default());
    value
}

/// An https URL without credentials. Plain http reaches this machine only.
fn url(reader: &mut Reader<'_>, name: &'static str) -> Option<String> {
    let given = reader.text(name);
    let fault = given.and_then(url_fault);
    if let Some(fault) = fault {
        reader.problem(name, fault);
    }
    let value = given.filter(|_| fault.is_none()).map(str::to_owned);
    reader.resolved(name, value.clone().unwrap_or_default());
    value
}

fn url_fault(url: &str) -> Option<&'static str> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let is_here = matches!(host, "127.0.0.1" | "localhost" | "::1");
    if url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        Some("has a blank in it")
    } else if authority.contains('@') {
        Some("has credentials in it, which belong into the secret")
    } else if host.is_empty() {
        Some("is no URL with a host")
    } else if scheme == "http" && !is_here {
        Some("is plain http, which anyone on the way can read; use https")
    } else if !matches!(scheme, "http" | "https") {
        Some("is neither http nor https")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolved::tests::{problem_of, settings_of};

    #[test]
    fn unset_delivers_nowhere_and_says_so() {
        let delivery = settings_of(&[]).delivery;
        assert_eq!(
            (delivery.sink, delivery.max_bytes, delivery.acks),
            (SinkKind::Hec, 1_000_000, false)
        );
        let problems = delivery
            .complete(TokenSource::Secret)
            .unwrap_err()
            .to_string();
        assert!(
            problems.contains("HEC_URL: is not set")
                && problems.contains("SECRET_NAME: is not set"),
            "{problems}"
        );
        let delivery = settings_of(&[("SINK", "logs")]).delivery;
        let problems = delivery
            .complete(TokenSource::File)
            .unwrap_err()
            .to_string();
        assert!(
            problems.contains("LOGS_URL: is not set") && !problems.contains("SECRET"),
            "{problems}"
        );
        let set = [("HEC_URL", "https://hec.example"), ("SECRET_NAME", "hec")];
        assert!(
            settings_of(&set)
                .delivery
                .complete(TokenSource::Secret)
                .is_ok()
        );
    }

    #[test]
    fn urls_are_https_or_of_this_machine() {
        for good in [
            "https://hec.example",
            "https://hec.example:8088/services/collector",
            "http://127.0.0.1:8088",
            "http://localhost/x",
            "http://[::1]:9",
            "https://[2001:db8::1]/x",
        ] {
            assert_eq!(
                settings_of(&[("HEC_URL", good)])
                    .delivery
                    .hec_url
                    .as_deref(),
                Some(good)
            );
        }
        for (bad, why) in [
            ("hec.example", "neither http nor https"),
            ("http://hec.example", "use https"),
            ("http://127.0.0.1.evil.example", "use https"),
            ("https://user:pass@hec.example", "belong into the secret"),
            ("https://", "no URL with a host"),
            ("https://hec .example", "has a blank"),
            ("ftp://hec.example", "neither http nor https"),
        ] {
            let problem = problem_of(&[("HEC_URL", bad)]);
            assert!(
                problem.contains(why) && !problem.contains("pass"),
                "{problem}"
            );
        }
    }

    #[test]
    fn profiles_decide_on_compression_and_acknowledgement() {
        for (profile, gzip) in [("splunk", true), ("huntress", false), ("generic", false)] {
            assert_eq!(settings_of(&[("HEC_PROFILE", profile)]).delivery.gzip, gzip);
        }
        assert!(settings_of(&[("HEC_ACKS", "on")]).delivery.acks);
        let problem = problem_of(&[("HEC_PROFILE", "huntress"), ("HEC_ACKS", "on")]);
        assert!(problem.contains("no indexer acknowledgement"), "{problem}");
    }
}
