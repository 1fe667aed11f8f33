//! Settings that are valid but probably not intended.

use std::fmt;

use crate::choices::MaskMode;
use crate::event_names::{EventName, Names};
use crate::resolve::Settings;
use crate::table::SelectionSettings;

/// One setting that is probably not intended.
///
/// `Display`: one sentence that names the setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Name of the setting.
    pub setting: &'static str,
    /// What is probably not intended.
    pub text: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The warnings about `settings`, to be shown at the start.
#[must_use]
pub fn warnings(settings: &Settings) -> Vec<Warning> {
    match settings.masking.mode {
        MaskMode::Off if !settings.is_set("MASK_MODE") => {
            let unused = ["MASK_FIELDS", "MASK_SCOPE", "MASK_KEY_SECRET"];
            let unused = unused.into_iter().filter(|name| settings.is_set(name));
            unused
                .map(|setting| Warning {
                    setting,
                    text: format!("{setting} is set but MASK_MODE is not: nothing is masked"),
                })
                .collect()
        }
        MaskMode::Sha256 => vec![Warning {
            setting: "MASK_MODE",
            text: "MASK_MODE=sha256: plain digests of IPv4 addresses can be reversed in minutes; \
                 use MASK_MODE=hmac"
                .to_owned(),
        }],
        MaskMode::Off | MaskMode::Hmac => Vec::new(),
    }
}

/// A warning for each entry of `EVENT_NAMES` that is not a known CloudTrail event name, with the most
/// similar known name if there is one.
///
/// Not an error: AWS adds operations that the list does not have yet. The list is large, so only the
/// command line calls this.
pub fn unknown_event_names(selection: &SelectionSettings) -> Vec<Warning> {
    let listed = match &selection.names {
        Names::All => &[][..],
        Names::Curated(listed) | Names::Listed(listed) => listed,
    };
    let unknown = listed.iter().filter_map(unknown_event_name);
    let setting = "EVENT_NAMES";
    unknown.map(|text| Warning { setting, text }).collect()
}

fn unknown_event_name(entry: &EventName) -> Option<String> {
    let source = entry.source.as_deref();
    if detection::is_known_event(source, &entry.name) {
        return None;
    }
    let warning = format!("EVENT_NAMES: '{entry}' is not a known CloudTrail event name");
    Some(match detection::nearest_event(source, &entry.name) {
        Some(nearest) => format!("{warning}; did you mean '{nearest}'?"),
        None => warning,
    })
}
