//! The one table of settings.

/// One setting as a user meets it: a row of the README table, a flag, an
/// environment variable of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Name of the environment variable.
    pub name: &'static str,
    /// The values it accepts, in words.
    pub accepts: &'static str,
    /// Its value when it is not set; empty where there is none.
    pub default: &'static str,
    /// What it does, in one or two sentences.
    pub about: &'static str,
}

/// Every setting `resolve` reads, in the order users read about them.
pub const TABLE: &[Setting] = &[
    Setting {
        name: "HEC_PROFILE",
        accepts: "splunk, huntress, generic",
        default: "splunk",
        about: "Kind of collector. huntress takes neither `index` nor `fields`.",
    },
    Setting {
        name: "HEC_INDEX",
        accepts: "an index name: 1 to 128 printable ASCII characters without blanks, quotes or backslashes",
        default: "",
        about: "`index` of every object; left out when unset.",
    },
    Setting {
        name: "SOURCE_TYPE",
        accepts: "1 to 128 printable ASCII characters without blanks, quotes or backslashes",
        default: "aws:cloudtrail",
        about: "`sourcetype` of every object but Insight records.",
    },
    Setting {
        name: "ANNOTATE",
        accepts: "fields, event, off",
        default: "fields",
        about: "Where `event_id`, `event_name` and the like go: HEC `fields`, inside the event under `sightline`, or nowhere. Defaults to event with HEC_PROFILE=huntress.",
    },
    Setting {
        name: "EVENT_NAMES",
        accepts: "*, curated, or comma-separated event names, source:name where a name is ambiguous (iam:CreateUser)",
        default: "*",
        about: "Events to send; * is all of them, curated the list of events worth a look. Events that blind are always sent.",
    },
    Setting {
        name: "EVENT_CATEGORIES",
        accepts: "any of Management, Data, Insight, NetworkActivity, comma-separated",
        default: "",
        about: "Event categories to send; all of them when unset.",
    },
    Setting {
        name: "OWN_RESOURCES",
        accepts: "a JSON object of names, or @path to a file of it; under the key include the path of a file whose names are added",
        default: "",
        about: "This pipeline's own buckets, groups, keys, functions and the like. Without it, rules about them are quiet or judge unknown.",
    },
    Setting {
        name: "RULES_DIR",
        accepts: "a folder",
        default: "",
        about: "Sigma rules of your own, beside the built-in ones.",
    },
    Setting {
        name: "MASK_MODE",
        accepts: "off, sha256, hmac",
        default: "off",
        about: "How people and addresses are masked. sha256 is for compatibility: digests of IPv4 addresses can be reversed in minutes.",
    },
    Setting {
        name: "MASK_FIELDS",
        accepts: "comma-separated fields of CloudTrail, without repeats",
        default: "sourceIPAddress,userName",
        about: "Keys whose values are masked.",
    },
    Setting {
        name: "MASK_SCOPE",
        accepts: "record, keys",
        default: "record",
        about: "keys masks the values of exactly those keys at any depth; record also the same person or address wherever else it stands in the record.",
    },
    Setting {
        name: "MASK_KEY_SECRET",
        accepts: "name or ARN of a Secrets Manager secret",
        default: "",
        about: "Secret that holds the mask key; required by MASK_MODE=hmac.",
    },
    Setting {
        name: "MAX_RECORD_BYTES",
        accepts: "a whole number from 1000 to 6000000",
        default: "",
        about: "Cap on one output record in bytes before base64; no cap when unset. 1024000 for a Firehose HTTP endpoint, which refuses larger ones.",
    },
    Setting {
        name: "MAX_RESPONSE_BYTES",
        accepts: "a whole number from 10000 to 6000000",
        default: "6000000",
        about: "Cap on the whole response in bytes. Lambda refuses one above 6291556; the rest is room for what surrounds the records.",
    },
    Setting {
        name: "SINK",
        accepts: "hec, logs",
        default: "hec",
        about: "Protocol of the collector: HEC, or POST {LOGS_URL}/v1/logs.",
    },
    Setting {
        name: "HEC_URL",
        accepts: "an https URL; http on this machine",
        default: "",
        about: "Collector that forwarders deliver to. Used as given; /services/collector/event is added to an empty path.",
    },
    Setting {
        name: "HEC_CA_FILE",
        accepts: "path of a PEM file; in a function relative to its package",
        default: "",
        about: "Certificate authorities that are trusted in addition to the system's, for HEC_URL and LOGS_URL.",
    },
    Setting {
        name: "SECRET_NAME",
        accepts: "name or ARN of a Secrets Manager secret",
        default: "",
        about: "Secret with the collector's token: {\"hec_token\":…}, {\"api_key\":…} or the bare token.",
    },
    Setting {
        name: "HEC_MAX_BYTES",
        accepts: "a whole number from 10000 to 800000000",
        default: "1000000",
        about: "Most bytes of one request before compression.",
    },
    Setting {
        name: "HEC_BATCH",
        accepts: "concatenated, array, single",
        default: "concatenated",
        about: "How the objects of a request are put together.",
    },
    Setting {
        name: "HEC_ACKS",
        accepts: "on, off",
        default: "off",
        about: "Wait for the indexer acknowledgment of every request.",
    },
    Setting {
        name: "LOGS_URL",
        accepts: "an https URL; http on this machine",
        default: "",
        about: "Collector of SINK=logs, without /v1/logs.",
    },
    Setting {
        name: "LOGS_ORG_ID",
        accepts: "1 to 128 printable ASCII characters without blanks, quotes or backslashes",
        default: "",
        about: "X-Organization-Id of SINK=logs; left out when unset.",
    },
    Setting {
        name: "DLQ_BUCKET",
        accepts: "name of a bucket",
        default: "",
        about: "Bucket for events that the collector refuses. Without it they fail the invocation.",
    },
    Setting {
        name: "RELAY_KEY_SECRET",
        accepts: "name or ARN of a Secrets Manager secret",
        default: "",
        about: "Secret with the access key that Firehose gives the relay: {\"api_key\":…} or the bare key.",
    },
    Setting {
        name: "ONLY_OVER_BYTES",
        accepts: "a whole number from 1 to 67108864",
        default: "",
        about: "Filters records of at most this many bytes, since another route carries them; 262144 next to a Firehose route. Applies to notifications on the queue of `s3-forwarder` only: jobs, direct invocations and replays send everything. Unset filters nothing.",
    },
];

/// The row of `name`; `None` for a name the table does not have.
pub(crate) fn setting(name: &str) -> Option<&'static Setting> {
    TABLE.iter().find(|setting| setting.name == name)
}

/// [`TABLE`] as a Markdown table that ends in a newline, as the README has it.
#[must_use]
pub fn markdown_table() -> String {
    let mut out = String::from("| Setting | Values | Default | Meaning |\n|---|---|---|---|\n");
    for setting in TABLE {
        let default = match setting.default {
            "" => "unset".to_owned(),
            value => format!("`{value}`"),
        };
        out.push_str(&format!(
            "| `{}` | {} | {default} | {} |\n",
            setting.name,
            cell(setting.accepts),
            cell(setting.about)
        ));
    }
    out
}

/// Text that cannot end a table cell or start emphasis.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('*', "\\*")
}

#[cfg(test)]
mod tests {
    use super::{TABLE, markdown_table};

    #[test]
    fn every_row_is_complete_and_named_once() {
        for (at, setting) in TABLE.iter().enumerate() {
            assert!(!setting.accepts.is_empty() && !setting.about.is_empty());
            assert!(TABLE[..at].iter().all(|s| s.name != setting.name));
            assert!(!setting.about.contains('\n') && !setting.accepts.contains('\n'));
        }
    }

    #[test]
    fn the_markdown_table_has_a_row_of_four_cells_for_each() {
        let table = markdown_table();
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), TABLE.len() + 2);
        for line in &lines {
            assert_eq!(line.matches('|').count(), 5, "{line}");
        }
        assert_eq!(
            lines[10],
            "| `MASK_MODE` | off, sha256, hmac | `off` | How people and addresses are masked. \
             sha256 is for compatibility: digests of IPv4 addresses can be reversed in minutes. |"
        );
        assert!(lines[3].contains("| unset |"));
        assert!(table.ends_with("|\n"));
    }
}
