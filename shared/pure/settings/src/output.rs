//! What an HEC object looks like to the collector.

use crate::reader::Reader;

/// The kind of collector behind the HEC endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Splunk Enterprise or Cloud: `index` and `fields` are understood.
    Splunk,
    /// Huntress: no `index`, no `fields`.
    Huntress,
    /// Any other collector that speaks HEC.
    Generic,
}

/// Where the pairs we add to an event go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Annotate {
    /// In HEC `fields`, beside the event.
    Fields,
    /// Inside the event, under `"sightline"`.
    Event,
    /// Nowhere.
    Off,
}

/// What goes around an event in its HEC object.
///
/// With [`Profile::Huntress`], `index` is `None` and `annotate` is never
/// [`Annotate::Fields`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HecSettings {
    /// Kind of collector (`HEC_PROFILE`).
    pub profile: Profile,
    /// `sourcetype` of CloudTrail events (`SOURCE_TYPE`), 1 to 128 printable
    /// ASCII characters without blanks, quotes or backslashes.
    pub source_type: String,
    /// `index`, of the same characters (`HEC_INDEX`); left out when `None`.
    pub index: Option<String>,
    /// Where the pairs we add go (`ANNOTATE`).
    pub annotate: Annotate,
}

const PROFILES: &[(&str, Profile)] = &[
    ("splunk", Profile::Splunk),
    ("huntress", Profile::Huntress),
    ("generic", Profile::Generic),
];

const ANNOTATIONS: &[(&str, Annotate)] = &[
    ("fields", Annotate::Fields),
    ("event", Annotate::Event),
    ("off", Annotate::Off),
];

/// Reads HEC_PROFILE, HEC_INDEX, SOURCE_TYPE and ANNOTATE.
pub(crate) fn read(reader: &mut Reader<'_>) -> HecSettings {
    let profile = reader.word("HEC_PROFILE", PROFILES, Profile::Splunk);

    let index = reader.token("HEC_INDEX").map(str::to_owned);
    if profile == Profile::Huntress && index.is_some() {
        reader.problem(
            "HEC_INDEX",
            "cannot be used with HEC_PROFILE=huntress, which takes no index; do not set it",
        );
    }
    reader.resolved("HEC_INDEX", index.clone().unwrap_or_default());

    let source_type = reader
        .token("SOURCE_TYPE")
        .unwrap_or("aws:cloudtrail")
        .to_owned();
    reader.resolved("SOURCE_TYPE", source_type.clone());

    let by_profile = match profile {
        Profile::Huntress => Annotate::Event,
        Profile::Splunk | Profile::Generic => Annotate::Fields,
    };
    let annotate = reader.word("ANNOTATE", ANNOTATIONS, by_profile);
    if profile == Profile::Huntress && annotate == Annotate::Fields {
        reader.problem(
            "ANNOTATE",
            "fields cannot be used with HEC_PROFILE=huntress, which ignores HEC fields; \
             set event or off",
        );
    }

    HecSettings {
        profile,
        source_type,
        index,
        annotate,
    }
}

#[cfg(test)]
mod tests {
    use super::{Annotate, Profile};
    use crate::resolved::tests::{problem_of, settings_of};

    #[test]
    fn unset_means_splunk_with_fields_and_no_index() {
        let hec = settings_of(&[]).hec;
        assert_eq!(hec.profile, Profile::Splunk);
        assert_eq!(hec.annotate, Annotate::Fields);
        assert_eq!(hec.source_type, "aws:cloudtrail");
        assert_eq!(hec.index, None);
    }

    #[test]
    fn huntress_annotates_inside_the_event() {
        for (annotate, expected) in [
            (None, Annotate::Event),
            (Some("event"), Annotate::Event),
            (Some("off"), Annotate::Off),
        ] {
            let mut pairs = vec![("HEC_PROFILE", "huntress")];
            pairs.extend(annotate.map(|word| ("ANNOTATE", word)));
            assert_eq!(settings_of(&pairs).hec.annotate, expected);
        }
    }

    #[test]
    fn huntress_takes_neither_index_nor_fields() {
        let index = problem_of(&[("HEC_PROFILE", "huntress"), ("HEC_INDEX", "main")]);
        assert!(index.starts_with("HEC_INDEX: cannot be used with HEC_PROFILE=huntress"));
        let fields = problem_of(&[("HEC_PROFILE", "huntress"), ("ANNOTATE", "fields")]);
        assert!(fields.starts_with("ANNOTATE: fields cannot be used with HEC_PROFILE=huntress"));
        assert!(fields.contains("set event or off"));
    }

    #[test]
    fn unknown_words_are_refused_with_a_hint_when_only_the_case_is_wrong() {
        assert_eq!(
            problem_of(&[("HEC_PROFILE", "Splunk")]),
            "HEC_PROFILE: \"Splunk\" is not a known word; write splunk; \
             accepts splunk, huntress, generic"
        );
        assert_eq!(
            problem_of(&[("ANNOTATE", "none")]),
            "ANNOTATE: \"none\" is not a known word; accepts fields, event, off"
        );
    }

    #[test]
    fn index_and_source_type_are_short_printable_text() {
        let long = "x".repeat(129);
        for value in ["two words", "a\"b", "a\\b", "a\nb", "é", &long] {
            for name in ["HEC_INDEX", "SOURCE_TYPE"] {
                let problem = problem_of(&[(name, value)]);
                assert!(problem.starts_with(name), "{problem}");
                assert!(!problem.contains(value), "{problem}");
            }
        }
        let hec = settings_of(&[("HEC_INDEX", "sec_aws-1"), ("SOURCE_TYPE", "a:b")]).hec;
        assert_eq!(hec.index.as_deref(), Some("sec_aws-1"));
        assert_eq!(hec.source_type, "a:b");
    }
}
