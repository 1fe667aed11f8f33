//! The table of settings.

use crate::choices::{
    Annotate, BatchForm, Category, Choice, MaskMode, MaskScope, Profile, SinkKind, Switch,
};
use crate::kind::{Kind, SECRET, TOKEN};

/// One setting: an environment variable of a function, a flag of the command line, and a row of
/// the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Name of the environment variable.
    pub name: &'static str,
    /// What it accepts.
    pub kind: Kind,
    /// Its value when it is not set; empty if it has none.
    pub default: &'static str,
    /// What it does, in a few sentences for users.
    pub text: &'static str,
}

impl Setting {
    /// The flag of the command line, without the leading dashes: `MASK_MODE` is `mask-mode`.
    #[must_use]
    pub fn flag(&self) -> String {
        self.name.to_ascii_lowercase().replace('_', "-")
    }
}

/// The row of `name`; `None` for a name that is not a setting.
pub(crate) fn setting(name: &str) -> Option<&'static Setting> {
    TABLE.iter().find(|setting| setting.name == name)
}

/// Lambda rejects a synchronous response above 6,291,556 bytes (AWS Lambda Developer Guide,
/// "Lambda quotas"). The maximum leaves room for record ids and results.
const MAX_RESPONSE: usize = 6_000_000;

/// Every setting, in the order of the documentation.
pub const TABLE: &[Setting] = &[
    Setting {
        name: "HEC_PROFILE",
        kind: Kind::OneOf(Profile::WORDS),
        default: "splunk",
        text: "Type of collector. `huntress` supports neither `index` nor `fields`, so HEC_INDEX, ANNOTATE=fields and HEC_ACKS=on are rejected with it.",
    },
    Setting {
        name: "HEC_INDEX",
        kind: Kind::Token(TOKEN),
        default: "",
        text: "`index` of every HEC object. If unset, objects have no `index` and the collector uses the token's default index.",
    },
    Setting {
        name: "SOURCE_TYPE",
        kind: Kind::Token(TOKEN),
        default: "aws:cloudtrail",
        text: "`sourcetype` of every HEC object except those of Insights events.",
    },
    Setting {
        name: "ANNOTATE",
        kind: Kind::OneOf(Annotate::WORDS),
        default: "fields",
        text: "Where annotations such as `event_id`, `severity` and `blinding` are written: to HEC `fields`, into the event under `sightline`, or nowhere. The default is `event` with HEC_PROFILE=huntress.",
    },
    Setting {
        name: "EVENT_NAMES",
        kind: Kind::EventNames,
        default: "*",
        text: "Events to send. `*` sends all events, `curated` those of the curated list. A name with a source (iam:CreateUser) matches events of this source only. Blinding events are always sent.",
    },
    Setting {
        name: "EVENT_CATEGORIES",
        kind: Kind::SomeOf(Category::WORDS),
        default: "",
        text: "Event categories to send. If unset, all categories are sent. Blinding events are always sent.",
    },
    Setting {
        name: "OWN_RESOURCES",
        kind: Kind::ProtectedResources,
        default: "",
        text: "Protected resources: the buckets, log groups, keys, functions and other resources of this pipeline. The key `include` names a file whose resources are added. If unset, detection rules about these resources are disabled or report `unknown`.",
    },
    Setting {
        name: "RULES_DIR",
        kind: Kind::Text("the path of a folder"),
        default: "",
        text: "Folder with your own Sigma rules. They are evaluated in addition to the built-in rules.",
    },
    Setting {
        name: "MASK_MODE",
        kind: Kind::OneOf(MaskMode::WORDS),
        default: "off",
        text: "How people and addresses are masked. `sha256` exists for compatibility: digests of IPv4 addresses can be reversed in minutes. `hmac` requires MASK_KEY_SECRET.",
    },
    Setting {
        name: "MASK_FIELDS",
        kind: Kind::Fields,
        default: "sourceIPAddress,userName",
        text: "Keys of CloudTrail records whose values are masked.",
    },
    Setting {
        name: "MASK_SCOPE",
        kind: Kind::OneOf(MaskScope::WORDS),
        default: "record",
        text: "`keys` masks the values of the keys in MASK_FIELDS, at any depth. `record` also masks the same people and addresses wherever else they appear in the record.",
    },
    Setting {
        name: "MASK_KEY_SECRET",
        kind: Kind::SecretName,
        default: "",
        text: "Secret that contains the mask key. Required by MASK_MODE=hmac.",
    },
    Setting {
        name: "MAX_RECORD_BYTES",
        // Below 1,000 bytes not even a placeholder event fits.
        kind: Kind::Number {
            min: 1_000,
            max: MAX_RESPONSE,
        },
        default: "",
        text: "Maximum size of one output record in bytes, before base64. If unset, there is no maximum. Set 1024000 for a Firehose HTTP endpoint, which rejects larger records.",
    },
    Setting {
        name: "MAX_RESPONSE_BYTES",
        kind: Kind::Number {
            min: 10_000,
            max: MAX_RESPONSE,
        },
        default: "6000000",
        text: "Maximum size of a transformation response in bytes. Lambda rejects responses above 6291556 bytes; the difference is reserved for record ids and results.",
    },
    Setting {
        name: "SINK",
        kind: Kind::OneOf(SinkKind::WORDS),
        default: "hec",
        text: "Protocol of the collector: HEC, or POST {LOGS_URL}/v1/logs.",
    },
    Setting {
        name: "HEC_URL",
        kind: Kind::Url,
        default: "",
        text: "Collector to deliver to. The path is used as given; /services/collector/event is added to an empty path. Required by every function that delivers, unless SINK=logs.",
    },
    Setting {
        name: "HEC_CA_FILE",
        kind: Kind::Text("the path of a PEM file (in a function, relative to its package)"),
        default: "",
        text: "Certificate authorities to trust in addition to those of the system, for HEC_URL and LOGS_URL.",
    },
    Setting {
        name: "SECRET_NAME",
        kind: Kind::Text(SECRET),
        default: "",
        text: "Secret that contains the collector's token: {\"hec_token\":…}, {\"api_key\":…} or the token alone. Required by every function that delivers.",
    },
    Setting {
        name: "HEC_MAX_BYTES",
        // The default of max_content_length in Splunk's limits.conf is 800 MB (838,860,800 bytes).
        // Below 10 kB most requests would hold one event.
        kind: Kind::Number {
            min: 10_000,
            max: 800_000_000,
        },
        default: "1000000",
        text: "Maximum size of one request in bytes, before compression.",
    },
    Setting {
        name: "HEC_BATCH",
        kind: Kind::OneOf(BatchForm::WORDS),
        default: "concatenated",
        text: "How the objects of a request are combined: concatenated, as a JSON array, or one object per request.",
    },
    Setting {
        name: "HEC_ACKS",
        kind: Kind::OneOf(Switch::WORDS),
        default: "off",
        text: "Whether every request waits for its indexer acknowledgment.",
    },
    Setting {
        name: "LOGS_URL",
        kind: Kind::Url,
        default: "",
        text: "Collector to deliver to with SINK=logs, without /v1/logs.",
    },
    Setting {
        name: "LOGS_ORG_ID",
        kind: Kind::Token(TOKEN),
        default: "",
        text: "Value of the header X-Organization-Id with SINK=logs. If unset, the header is omitted.",
    },
    Setting {
        name: "DLQ_BUCKET",
        kind: Kind::Token("the name of an S3 bucket"),
        default: "",
        text: "Bucket for events that the collector rejects permanently. If unset, such events fail the invocation.",
    },
    Setting {
        name: "RELAY_KEY_SECRET",
        kind: Kind::Text(SECRET),
        default: "",
        text: "Secret that contains the access key with which Firehose calls `firehose-relay`: {\"api_key\":…} or the key alone. Required by `firehose-relay`.",
    },
    Setting {
        name: "ONLY_OVER_BYTES",
        kind: Kind::Number {
            min: 1,
            max: 64 * 1024 * 1024,
        },
        default: "",
        text: "`s3-forwarder` sends only records larger than this number of bytes, because another route delivers the others. Set 262144 next to a Firehose route. Applies to notifications on its queue: jobs, direct invocations and replays send everything. If unset, everything is sent.",
    },
];

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
