//! The table of settings.

use std::collections::BTreeMap;

use detection::ProtectedResourcesSource;

use crate::choices::{Annotate, BatchForm, Category, MaskMode, MaskScope, Profile, SinkKind};
use crate::event_names::Names;
use crate::kind::Kind;
use crate::networks::Networks;
use crate::setting::{Setting, settings_table, typed};

/// The row of `name`; `None` for a name that is not a setting.
pub(crate) fn setting(name: &str) -> Option<&'static Setting> {
    TABLE.iter().find(|setting| setting.name == name)
}

/// Lambda rejects a synchronous response above 6,291,556 bytes (AWS Lambda Developer Guide,
/// "Lambda quotas"). The maximum leaves room for record ids and results.
const MAX_RESPONSE: usize = 6_000_000;

settings_table! {
    /// The parts of an HEC object other than the event.
    ///
    /// With [`Profile::Huntress`], `index` is `None` and `annotate` is never [`Annotate::Fields`].
    HecSettings {
        /// Type of collector. `huntress` supports neither `index` nor `fields`, so HEC_INDEX,
        /// ANNOTATE=fields and HEC_ACKS=on are rejected with it.
        HEC_PROFILE: Kind::OneOf(Profile::WORDS), default "splunk" => profile: Profile;

        /// `index` of every HEC object. If unset, objects have no `index` and the collector uses
        /// the token's default index.
        HEC_INDEX: Kind::TOKEN => index: Option<String>;

        /// `sourcetype` of every HEC object except those of Insights events.
        SOURCE_TYPE: Kind::TOKEN, default "aws:cloudtrail" => source_type: String;

        /// Where annotations such as `event_id`, `severity` and `blinding` are written: to HEC
        /// `fields`, into the event under `sightline`, or nowhere. The default is `event` with
        /// HEC_PROFILE=huntress.
        ANNOTATE: Kind::OneOf(Annotate::WORDS), default "fields" => annotate: Annotate;

        /// Networks with labels for the annotation `src_network`: the label of the network that
        /// contains the caller's address, else `external`. The longest prefix wins. At most 200
        /// networks; with masking on, prefixes of at most /29 (IPv4) or /64 (IPv6). If unset, the
        /// annotation is omitted.
        NETWORKS: Kind::Networks => networks: Option<Networks>;
    }

    /// Which events are sent: an event must pass both the names and the categories.
    SelectionSettings {
        /// Events to send. `*` sends all events, `curated` those of the curated list. A name with a
        /// source (iam:CreateUser) matches events of this source only. Blinding events are always
        /// sent.
        EVENT_NAMES: Kind::EventNames, default "*" => names: Names;

        /// Event categories to send. If unset, all categories are sent. Blinding events are always
        /// sent.
        EVENT_CATEGORIES: Kind::SomeOf(Category::WORDS) => categories: Option<Vec<Category>>;
    }

    /// What the detection rules refer to, and the user's own rules.
    DetectionSettings {
        /// Protected resources: the buckets, log groups, keys, functions and other resources of
        /// this pipeline. The key `include` names a file whose resources are added. If unset,
        /// detection rules about these resources are disabled or report `unknown`.
        OWN_RESOURCES: Kind::ProtectedResources
            => protected_resources: Option<ProtectedResourcesSource>;

        /// Folder with your own Sigma rules. They are evaluated in addition to the built-in rules.
        RULES_DIR: Kind::text("the path of a folder") => rules_dir: Option<String>;
    }

    /// How people and addresses are masked.
    ///
    /// `fields` holds at least one key of the fields table of masking, without duplicates. `key_secret` is set if
    /// `mode` is [`MaskMode::Hmac`], unless the caller resolved with [`crate::KeySource::File`].
    MaskingSettings {
        /// How people and addresses are masked. `sha256` exists for compatibility: digests of IPv4
        /// addresses can be reversed in minutes. `hmac` requires MASK_KEY_SECRET.
        MASK_MODE: Kind::OneOf(MaskMode::WORDS), default "off" => mode: MaskMode;

        /// Keys of CloudTrail records whose values are masked.
        MASK_FIELDS: Kind::Fields, default "sourceIPAddress,userName" => fields: Vec<String>;

        /// `keys` masks the values of the keys in MASK_FIELDS, at any depth. `record` also masks
        /// the same people and addresses wherever else they appear in the record.
        MASK_SCOPE: Kind::OneOf(MaskScope::WORDS), default "record" => scope: MaskScope;

        /// Secret that contains the mask key. Required by MASK_MODE=hmac.
        MASK_KEY_SECRET: Kind::KEY_SECRET => key_secret: Option<String>;
    }

    /// Sizes of what the transformation returns.
    TransformSettings {
        /// Maximum size of one output record in bytes, before base64. If unset, there is no
        /// maximum. Set 1024000 for a Firehose HTTP endpoint, which rejects larger records.
        // Below 1,000 bytes not even a placeholder event fits.
        MAX_RECORD_BYTES: Kind::Number { min: 1_000, max: MAX_RESPONSE }
            => max_record_bytes: Option<usize>;

        /// Maximum size of a transformation response in bytes. Lambda rejects responses above
        /// 6291556 bytes; the difference is reserved for record ids and results.
        MAX_RESPONSE_BYTES: Kind::Number { min: 10_000, max: MAX_RESPONSE }, default "6000000"
            => max_response_bytes: usize;
    }

    /// Where and how forwarders deliver. The transformation needs none of it.
    DeliverySettings {
        /// Protocol of the collector: HEC, or POST {LOGS_URL}/v1/logs.
        SINK: Kind::OneOf(SinkKind::WORDS), default "hec" => sink: SinkKind;

        /// Collector to deliver to. The path is used as given; /services/collector/event is added
        /// to an empty path. Required by every function that delivers, unless SINK=logs.
        HEC_URL: Kind::URL => hec_url: Option<String>;

        /// Certificate authorities to trust in addition to those of the system, for HEC_URL and
        /// LOGS_URL.
        HEC_CA_FILE: Kind::text("the path of a PEM file (in a function, relative to its package)")
            => ca_file: Option<String>;

        /// Secret that contains the collector's token: {"hec_token":…}, {"api_key":…} or the token
        /// alone. Required by every function that delivers.
        SECRET_NAME: Kind::SECRET => secret: Option<String>;

        /// Maximum size of one request in bytes, before compression.
        // The default of max_content_length in Splunk's limits.conf is 800 MB (838,860,800 bytes).
        // Below 10 kB most requests would hold one event.
        HEC_MAX_BYTES: Kind::Number { min: 10_000, max: 800_000_000 }, default "1000000"
            => max_bytes: usize;

        /// How the objects of a request are combined: concatenated, as a JSON array, or one object
        /// per request.
        HEC_BATCH: Kind::OneOf(BatchForm::WORDS), default "concatenated" => batch: BatchForm;

        /// Whether every request waits for its indexer acknowledgment.
        HEC_ACKS: Kind::SWITCH, default "off" => acks: bool;

        /// Collector to deliver to with SINK=logs, without /v1/logs.
        LOGS_URL: Kind::URL => logs_url: Option<String>;

        /// Value of the header X-Organization-Id with SINK=logs. If unset, the header is omitted.
        LOGS_ORG_ID: Kind::TOKEN => logs_organization: Option<String>;

        /// Bucket for events that the collector rejects permanently. If unset, such events fail the
        /// invocation.
        DLQ_BUCKET: Kind::token("the name of an S3 bucket") => dead_letter_bucket: Option<String>;

        /// Secret that contains the access key with which Firehose calls `firehose-relay`:
        /// {"api_key":…} or the key alone. Required by `firehose-relay`.
        RELAY_KEY_SECRET: Kind::SECRET => relay_key_secret: Option<String>;

        /// `s3-forwarder` sends only records larger than this number of bytes, because another
        /// route delivers the others. Set 262144 next to a Firehose route. Applies to notifications
        /// on its queue: jobs, direct invocations and replays send everything. If unset, everything
        /// is sent.
        ONLY_OVER_BYTES: Kind::Number { min: 1, max: 64 * 1024 * 1024 }
            => only_over_bytes: Option<usize>;

        also HEC_PROFILE => profile: Profile;
    }
}

#[cfg(test)]
mod tests {
    use super::TABLE;

    #[test]
    fn every_row_is_complete_and_named_once() {
        for (at, setting) in TABLE.iter().enumerate() {
            let words = [setting.text, &setting.kind.accepts()];
            assert!(words.iter().all(|w| !w.is_empty() && !w.contains('\n')));
            assert!(TABLE[..at].iter().all(|s| s.name != setting.name));
        }
    }
}
