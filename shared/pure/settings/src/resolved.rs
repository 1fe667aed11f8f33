//! The second stage: typed settings.

use crate::delivery::{self, DeliverySettings};
use crate::detection::{self, DetectionSettings};
use crate::masking::{self, Masking};
use crate::output::{self, HecSettings};
use crate::problem::Problems;
use crate::raw::RawSettings;
use crate::reader::{Reader, Row};
use crate::selection::{self, SelectionSettings};
use crate::{limits, unknown};

/// Settings that are checked, each by itself and against the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// What goes around an event.
    pub hec: HecSettings,
    /// Which events are sent.
    pub selection: SelectionSettings,
    /// What the blinding rules judge by.
    pub detection: DetectionSettings,
    /// How people and addresses are masked.
    pub masking: Masking,
    /// Cap on one output record in bytes before base64, 1,000 to 6,000,000;
    /// `None` = no cap.
    pub max_record_bytes: Option<usize>,
    /// Cap on the whole response in bytes, 10,000 to 6,000,000.
    pub max_response_bytes: usize,
    /// Where forwarders deliver to.
    pub delivery: DeliverySettings,
    rows: Vec<Row>,
}

/// Whether a setting was given or came from its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The user set it.
    Set,
    /// Its default.
    Default,
}

/// Where the mask key comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySource {
    /// Secrets Manager: `MASK_MODE=hmac` requires `MASK_KEY_SECRET`.
    Secret,
    /// A file that stands in for the secret, which is then not required.
    File,
}

impl Settings {
    /// Name, resolved value and origin of every setting, in the order of
    /// `TABLE`, as they were resolved; an empty value means unset. No value is
    /// secret: of the mask key there is only the secret's name or ARN.
    #[must_use]
    pub fn describe(&self) -> Vec<(&'static str, String, Origin)> {
        self.rows.clone()
    }

    /// Whether the user set `name`.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.rows
            .iter()
            .any(|row| row.0 == name && row.2 == Origin::Set)
    }
}

/// The settings `raw` stands for, with the mask key in Secrets Manager.
///
/// # Errors
/// Every problem at once; see [`resolve_with`].
pub fn resolve(raw: &RawSettings) -> Result<Settings, Problems> {
    resolve_with(raw, KeySource::Secret)
}

/// The settings `raw` stands for. Names that are no setting are ignored.
///
/// # Errors
/// Every problem at once: a value that is blank, of the wrong form or out of
/// range, settings that contradict each other, and names that look like a
/// misspelt setting.
pub fn resolve_with(raw: &RawSettings, key_source: KeySource) -> Result<Settings, Problems> {
    resolve_and(raw, key_source, |_, _| {})
}

/// As [`resolve_with`]; `require` reports what else is wrong.
pub(crate) fn resolve_and(
    raw: &RawSettings,
    key_source: KeySource,
    require: impl FnOnce(&mut Reader<'_>, &DeliverySettings),
) -> Result<Settings, Problems> {
    let mut reader = Reader::new(raw);
    let hec = output::read(&mut reader);
    let selection = selection::read(&mut reader);
    let detection = detection::read(&mut reader);
    let masking = masking::read(&mut reader, key_source);
    let (max_record_bytes, max_response_bytes) = limits::read(&mut reader);
    let delivery = delivery::read(&mut reader, hec.profile);
    require(&mut reader, &delivery);
    unknown::report(&mut reader);
    Ok(Settings {
        hec,
        selection,
        detection,
        masking,
        max_record_bytes,
        max_response_bytes,
        delivery,
        rows: reader.finish()?,
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Origin, Settings, resolve};
    use crate::problem::Problem;
    use crate::table::TABLE;

    pub(crate) fn settings_of(pairs: &[(&str, &str)]) -> Settings {
        resolve(&pairs.iter().copied().collect()).unwrap()
    }

    pub(crate) fn problems_of(pairs: &[(&str, &str)]) -> Vec<Problem> {
        resolve(&pairs.iter().copied().collect()).unwrap_err().0
    }

    /// The one problem of `pairs`, as a user reads it.
    pub(crate) fn problem_of(pairs: &[(&str, &str)]) -> String {
        let problems = problems_of(pairs);
        assert_eq!(problems.len(), 1, "{problems:?}");
        problems[0].to_string()
    }

    #[test]
    fn the_table_and_the_description_agree() {
        let described = settings_of(&[("PATH", "/bin")]).describe();
        let expected: Vec<_> = TABLE
            .iter()
            .map(|s| (s.name, s.default.to_owned(), Origin::Default))
            .collect();
        assert_eq!(described, expected);
    }

    #[test]
    fn every_setting_of_the_table_is_read_and_refused_when_blank() {
        for setting in TABLE {
            for blank in ["", " ", "\t\n"] {
                let problem = problem_of(&[(setting.name, blank)]);
                assert_eq!(
                    problem,
                    format!(
                        "{}: is set but blank; give it a value or do not set it at all; accepts {}",
                        setting.name, setting.accepts
                    )
                );
            }
        }
    }

    #[test]
    fn the_description_shows_what_was_resolved() {
        let described = settings_of(&[
            ("HEC_PROFILE", "huntress"),
            ("EVENT_NAMES", "iam:CreateUser, StopLogging"),
            ("EVENT_CATEGORIES", "Data, Insight"),
            ("MASK_MODE", "hmac"),
            ("MASK_SCOPE", "keys"),
            ("MASK_KEY_SECRET", "mask-key"),
            ("MAX_RECORD_BYTES", "1024000"),
        ])
        .describe();
        for (name, value, origin) in [
            ("HEC_PROFILE", "huntress", Origin::Set),
            ("ANNOTATE", "event", Origin::Default),
            (
                "EVENT_NAMES",
                "iam.amazonaws.com:CreateUser,StopLogging",
                Origin::Set,
            ),
            ("EVENT_CATEGORIES", "Data,Insight", Origin::Set),
            ("MASK_FIELDS", "sourceIPAddress,userName", Origin::Default),
            ("MASK_SCOPE", "keys", Origin::Set),
            ("MASK_KEY_SECRET", "mask-key", Origin::Set),
            ("MAX_RECORD_BYTES", "1024000", Origin::Set),
        ] {
            assert!(
                described.contains(&(name, value.to_owned(), origin)),
                "{name}"
            );
        }
    }

    #[test]
    fn all_problems_are_reported_together() {
        let problems = resolve(
            &[
                ("HEC_PROFILE", "x"),
                ("MASK_MODE", ""),
                ("MASK_MODES", "hmac"),
                ("MAX_RECORD_BYTES", "1"),
            ]
            .into_iter()
            .collect(),
        )
        .unwrap_err();
        let text = problems.to_string();
        let names: Vec<&str> = text.lines().filter_map(|l| l.split(':').next()).collect();
        assert_eq!(
            names,
            ["HEC_PROFILE", "MASK_MODE", "MAX_RECORD_BYTES", "MASK_MODES"]
        );
    }
}
