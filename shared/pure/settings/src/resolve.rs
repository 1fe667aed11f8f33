//! Typed settings from raw ones.

use crate::choices::{Annotate, MaskMode, Profile};
use crate::error::{SettingsError, SettingsErrors};
use crate::networks::Networks;
use crate::raw::RawSettings;
use crate::table::{
    DeliverySettings, DetectionSettings, HecSettings, MaskingSettings, SelectionSettings,
    TransformSettings,
};
use crate::values::{Origin, Values, missing};

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
    pub masking: MaskingSettings,
    /// Sizes of what the transformation returns.
    pub transform: TransformSettings,
    /// Where and how forwarders deliver.
    pub delivery: DeliverySettings,
    rows: Vec<(&'static str, String, Origin)>,
}

/// Where the mask key or the collector's token comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySource {
    /// Secrets Manager: the setting that names the secret is required.
    Secret,
    /// A file that replaces the secret, which is then not required.
    File,
}

impl Settings {
    /// Name, resolved value and origin of every setting, in the order of [`crate::TABLE`]; an
    /// empty value means unset. No value is secret: of a secret it is the name or ARN.
    #[must_use]
    pub fn describe(&self) -> Vec<(&'static str, String, Origin)> {
        let mut rows = self.rows.clone();
        let resources = self.detection.protected_resources.as_ref();
        for row in rows.iter_mut().filter(|row| row.0 == "OWN_RESOURCES") {
            row.1 = resources.map_or_else(String::new, ToString::to_string);
        }
        rows
    }

    /// Whether the user set `name`.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        let set = (name, Origin::Set);
        self.rows.iter().any(|row| (row.0, row.2) == set)
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
pub fn resolve_with(raw: &RawSettings, mask_key: KeySource) -> Result<Settings, SettingsErrors> {
    resolve_for(raw, mask_key, |_| Vec::new())
}

/// As [`resolve_with`]; `required` returns the settings that are missing.
pub(crate) fn resolve_for(
    raw: &RawSettings,
    mask_key: KeySource,
    required: impl FnOnce(&DeliverySettings) -> Vec<SettingsError>,
) -> Result<Settings, SettingsErrors> {
    let mut values = Values::parse(raw);
    if HecSettings::new(&values.normal).profile == Profile::Huntress {
        check_huntress(&mut values);
    }
    let mut masking = MaskingSettings::new(&values.normal);
    if mask_key == KeySource::File {
        masking.key_secret = None;
    } else if masking.mode == MaskMode::Hmac {
        let reason = "required by MASK_MODE=hmac";
        values.require(vec![missing("MASK_KEY_SECRET", reason)]);
    }
    let hec = HecSettings::new(&values.normal);
    if let (Some(networks), true) = (&hec.networks, masking.mode != MaskMode::Off) {
        check_masked_networks(networks, &mut values);
    }
    let delivery = DeliverySettings::new(&values.normal);
    values.require(required(&delivery));
    Ok(Settings {
        hec,
        selection: SelectionSettings::new(&values.normal),
        detection: DetectionSettings::new(&values.normal),
        masking,
        transform: TransformSettings::new(&values.normal),
        delivery,
        rows: values.finish()?,
    })
}

/// Reports networks so small that their label names a host, which masking hides.
fn check_masked_networks(networks: &Networks, values: &mut Values<'_>) {
    for network in networks.iter() {
        let (prefix, max) = (network.cidr.prefix, network.cidr.max_masked_prefix());
        if prefix > max {
            let message = format!(
                "{} has a network of /{prefix}, which would name hosts that are masked; use /{max} or shorter",
                network.label
            );
            values.error("NETWORKS", message);
        }
    }
}

/// Sets the profile's own default and reports what the collector does not support.
fn check_huntress(values: &mut Values<'_>) {
    values.set_default("ANNOTATE", Annotate::Event.name());
    let hec = HecSettings::new(&values.normal);
    let delivery = DeliverySettings::new(&values.normal);
    let mut unsupported = |name, value: &str, instead: &str| {
        let message = format!("{value}is not supported with HEC_PROFILE=huntress{instead}");
        values.error(name, message);
    };
    if hec.index.is_some() {
        unsupported("HEC_INDEX", "", "; do not set it");
    }
    if hec.annotate == Annotate::Fields {
        unsupported("ANNOTATE", "fields ", "; use event or off");
    }
    if delivery.acks {
        let reason = ", which has no indexer acknowledgment; do not set it";
        unsupported("HEC_ACKS", "on ", reason);
    }
}
