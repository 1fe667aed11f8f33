//! The typed settings.

use std::fmt;

use detection::ProtectedResources;

use crate::choices::{Annotate, BatchForm, Category, MaskScope, Profile, SinkKind};
use crate::event_names::Names;

/// The parts of an HEC object other than the event.
///
/// With [`Profile::Huntress`], `index` is `None` and `annotate` is never [`Annotate::Fields`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HecSettings {
    /// Type of collector (`HEC_PROFILE`).
    pub profile: Profile,
    /// `sourcetype` of CloudTrail events (`SOURCE_TYPE`): 1 to 128 printable ASCII characters
    /// without spaces, quotes or backslashes.
    pub source_type: String,
    /// `index`, of the same characters (`HEC_INDEX`); omitted if `None`.
    pub index: Option<String>,
    /// Where annotations are written (`ANNOTATE`).
    pub annotate: Annotate,
}

/// Which events are sent: an event must pass both the names and the categories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectionSettings {
    /// Event names (`EVENT_NAMES`).
    pub names: Names,
    /// Event categories (`EVENT_CATEGORIES`), without duplicates; `None` = all.
    pub categories: Option<Vec<Category>>,
}

/// What the detection rules refer to, and the user's own rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectionSettings {
    /// The protected resources (`OWN_RESOURCES`).
    pub protected_resources: ProtectedResourcesSource,
    /// The folder with the user's own Sigma rules (`RULES_DIR`).
    pub rules_dir: Option<String>,
}

/// Where the protected resources are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ProtectedResourcesSource {
    /// Nowhere: rules about them are disabled or report `unknown`.
    #[default]
    Unset,
    /// In the setting itself, and in the file that it includes, which the caller reads.
    Inline {
        /// The resources in the setting.
        resources: ProtectedResources,
        /// The path of the file.
        include: Option<String>,
    },
    /// In the file of this path, which the caller reads.
    File(String),
}

impl fmt::Display for ProtectedResourcesSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unset => Ok(()),
            Self::Inline { resources, include } => {
                f.write_str(&resources.describe())?;
                match include {
                    Some(path) => write!(f, " and @{path}"),
                    None => Ok(()),
                }
            }
            Self::File(path) => write!(f, "@{path}"),
        }
    }
}

/// How the values of the listed keys are masked.
///
/// `fields` holds at least one of [`crate::MASKABLE`], without duplicates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Masking {
    /// Nothing is masked.
    Off,
    /// Plain SHA-256 digests, for compatibility.
    Sha256 {
        /// Keys whose values are masked.
        fields: Vec<String>,
        /// Where else the same values are masked.
        scope: MaskScope,
    },
    /// Tokens made with a secret key.
    Hmac {
        /// Keys whose values are masked.
        fields: Vec<String>,
        /// Where else the same values are masked.
        scope: MaskScope,
        /// Name or ARN of the secret that contains the key; `None` exactly when the caller
        /// resolved with [`crate::KeySource::File`].
        key_secret: Option<String>,
    },
}

/// Where events are delivered to. The transformation needs none of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliverySettings {
    /// The protocol (`SINK`).
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
    /// Maximum size of a request in bytes before compression (`HEC_MAX_BYTES`).
    pub max_bytes: usize,
    /// `HEC_BATCH`
    pub batch: BatchForm,
    /// Whether requests wait for their indexer acknowledgment (`HEC_ACKS`).
    pub acks: bool,
    /// Whether requests are compressed: with [`Profile::Splunk`].
    pub gzip: bool,
    /// Bucket for dead letters (`DLQ_BUCKET`).
    pub dead_letter_bucket: Option<String>,
    /// Name or ARN of the secret with the relay's access key (`RELAY_KEY_SECRET`).
    pub relay_key_secret: Option<String>,
    /// Notifications on a queue filter records of this many bytes or fewer (`ONLY_OVER_BYTES`).
    pub only_over_bytes: Option<usize>,
}

/// Where the collector's token comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenSource {
    /// Secrets Manager: `SECRET_NAME` is required.
    Secret,
    /// A file that replaces the secret.
    File,
}

impl DeliverySettings {
    /// The settings that delivery requires and that are not set, each with the reason.
    pub(crate) fn missing(&self, token: TokenSource) -> Vec<(&'static str, &'static str)> {
        let (name, url) = match self.sink {
            SinkKind::Hec => ("HEC_URL", &self.hec_url),
            SinkKind::Logs => ("LOGS_URL", &self.logs_url),
        };
        let mut missing = Vec::new();
        if url.is_none() {
            missing.push((name, "required to deliver events"));
        }
        if token == TokenSource::Secret && self.secret.is_none() {
            missing.push(("SECRET_NAME", "required for the collector's token"));
        }
        missing
    }
}
