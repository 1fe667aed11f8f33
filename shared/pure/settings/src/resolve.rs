//! Typed settings from raw ones.

use crate::choices::{Annotate, MaskMode, Profile, Switch};
use crate::error::{SettingsError, SettingsErrors};
use crate::model::{
    DeliverySettings, DetectionSettings, HecSettings, Masking, SelectionSettings, TokenSource,
};
use crate::raw::RawSettings;
use crate::values::{Origin, Row, Values, missing};

/// Settings that are valid, each by itself and together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The parts of an HEC object other than the event.
    pub hec: HecSettings,
    /// Which events are sent.
    pub selection: SelectionSettings,
    /// What the detection rules refer to.
    pub detection: DetectionSettings,
    /// How people and addresses are masked.
    pub masking: Masking,
    /// Maximum size of one output record in bytes before base64, 1,000 to 6,000,000; `None` = no
    /// maximum.
    pub max_record_bytes: Option<usize>,
    /// Maximum size of the whole response in bytes, 10,000 to 6,000,000.
    pub max_response_bytes: usize,
    /// Where forwarders deliver to.
    pub delivery: DeliverySettings,
    rows: Vec<Row>,
}

/// Where the mask key comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySource {
    /// Secrets Manager: `MASK_MODE=hmac` requires `MASK_KEY_SECRET`.
    Secret,
    /// A file that replaces the secret, which is then not required.
    File,
}

impl Settings {
    /// Name, resolved value and origin of every setting, in the order of [`crate::TABLE`]; an
    /// empty value means unset. No value is secret: of a secret it is the name or ARN.
    #[must_use]
    pub fn describe(&self) -> Vec<(&'static str, String, Origin)> {
        self.rows.clone()
    }

    /// Whether the user set `name`.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        let set = (name, Origin::Set);
        self.rows.iter().any(|row| (row.0, row.2) == set)
    }
}

impl DeliverySettings {
    /// Checks that everything is set that delivery requires.
    ///
    /// # Errors
    /// Every setting that is missing.
    pub fn complete(&self, token: TokenSource) -> Result<(), SettingsErrors> {
        let error = |(name, reason): (&str, &str)| SettingsError {
            setting: name.to_owned(),
            message: missing(name, reason),
        };
        let errors: Vec<_> = self.missing(token).into_iter().map(error).collect();
        if errors.is_empty() {
            Ok(())
        } else {
            Err(SettingsErrors(errors))
        }
    }
}

/// The settings of `raw`, with the mask key in Secrets Manager.
///
/// # Errors
/// Every error at once; see [`resolve_with`].
pub fn resolve(raw: &RawSettings) -> Result<Settings, SettingsErrors> {
    resolve_with(raw, KeySource::Secret)
}

/// The settings of `raw`. Other names are ignored unless they look like a misspelled setting.
///
/// # Errors
/// Every error at once: values that are empty, of the wrong form or out of range, settings that
/// contradict each other, and names that look like a misspelled setting.
pub fn resolve_with(raw: &RawSettings, key_source: KeySource) -> Result<Settings, SettingsErrors> {
    resolve_for(raw, key_source, |_| Vec::new())
}

/// As [`resolve_with`]; `required` returns the settings that are missing, with the reasons.
pub(crate) fn resolve_for(
    raw: &RawSettings,
    key_source: KeySource,
    required: impl FnOnce(&DeliverySettings) -> Vec<(&'static str, &'static str)>,
) -> Result<Settings, SettingsErrors> {
    let mut values = Values::parse(raw);
    let hec = hec(&mut values);
    let selection = SelectionSettings {
        names: values.event_names("EVENT_NAMES"),
        categories: values.choices("EVENT_CATEGORIES"),
    };
    let detection = DetectionSettings {
        protected_resources: values.protected_resources("OWN_RESOURCES"),
        rules_dir: values.text("RULES_DIR"),
    };
    let masking = masking(&mut values, key_source);
    let delivery = delivery(&mut values, hec.profile);
    for (name, reason) in required(&delivery) {
        values.require(name, reason);
    }
    Ok(Settings {
        hec,
        selection,
        detection,
        masking,
        max_record_bytes: values.number("MAX_RECORD_BYTES"),
        max_response_bytes: values.number("MAX_RESPONSE_BYTES").unwrap_or_default(),
        delivery,
        rows: values.finish()?,
    })
}

fn hec(values: &mut Values<'_>) -> HecSettings {
    let profile = values.choice("HEC_PROFILE");
    let index = values.text("HEC_INDEX");
    if profile == Profile::Huntress {
        values.set_default("ANNOTATE", Annotate::Event);
        if index.is_some() {
            let message = "is not supported with HEC_PROFILE=huntress; do not set it";
            values.error("HEC_INDEX", message);
        }
    }
    let annotate = values.choice("ANNOTATE");
    if profile == Profile::Huntress && annotate == Annotate::Fields {
        let message = "fields is not supported with HEC_PROFILE=huntress; use event or off";
        values.error("ANNOTATE", message);
    }
    HecSettings {
        profile,
        source_type: values.text("SOURCE_TYPE").unwrap_or_default(),
        index,
        annotate,
    }
}

/// Masking settings are checked with masking off as well: what is wrong then is wrong on the day
/// somebody turns it on.
fn masking(values: &mut Values<'_>, key_source: KeySource) -> Masking {
    let fields = values.list("MASK_FIELDS").unwrap_or_default();
    let scope = values.choice("MASK_SCOPE");
    match values.choice("MASK_MODE") {
        MaskMode::Off => Masking::Off,
        MaskMode::Sha256 => Masking::Sha256 { fields, scope },
        MaskMode::Hmac => {
            let mut key_secret = None;
            if key_source == KeySource::Secret {
                values.require("MASK_KEY_SECRET", "required by MASK_MODE=hmac");
                key_secret = values.text("MASK_KEY_SECRET");
            }
            Masking::Hmac {
                fields,
                scope,
                key_secret,
            }
        }
    }
}

fn delivery(values: &mut Values<'_>, profile: Profile) -> DeliverySettings {
    let acks = values.choice::<Switch>("HEC_ACKS") == Switch::On;
    if acks && profile == Profile::Huntress {
        let message = "on is not supported with HEC_PROFILE=huntress, which has no indexer acknowledgment; do not set it";
        values.error("HEC_ACKS", message);
    }
    DeliverySettings {
        sink: values.choice("SINK"),
        hec_url: values.text("HEC_URL"),
        logs_url: values.text("LOGS_URL"),
        logs_organization: values.text("LOGS_ORG_ID"),
        ca_file: values.text("HEC_CA_FILE"),
        secret: values.text("SECRET_NAME"),
        max_bytes: values.number("HEC_MAX_BYTES").unwrap_or_default(),
        batch: values.choice("HEC_BATCH"),
        acks,
        gzip: profile == Profile::Splunk,
        dead_letter_bucket: values.text("DLQ_BUCKET"),
        relay_key_secret: values.text("RELAY_KEY_SECRET"),
        only_over_bytes: values.number("ONLY_OVER_BYTES"),
    }
}
