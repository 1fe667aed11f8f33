//! Names that look like a misspelled setting or field.
//!
//! A misspelled name would otherwise be ignored, and with it, for example, masking.

use strsim::levenshtein;

use crate::maskable::MASKABLE;
use crate::table::TABLE;

/// Prefixes of our settings: any other name that starts with one is an error.
const PREFIXES: [&str; 5] = ["MASK_", "HEC_", "EVENT_", "OWN_", "RULES_"];

/// A name without such a prefix is an error only if it is similar to a setting of at least this
/// length, so that variables of other programs are accepted.
const MIN_LENGTH: usize = 8;
const MAX_DISTANCE: usize = 2;

/// The largest edit distance of a suggestion, which costs little if it is wrong.
const MAX_SUGGESTION_DISTANCE: usize = 3;

/// The message about `name` if it is not a setting but looks like one.
pub(crate) fn misspelled(name: &str) -> Option<String> {
    if known().any(|known| known == name) {
        return None;
    }
    // Windows and shells ignore letter case, but `mask_mode` has no effect.
    let upper = name.to_ascii_uppercase();
    let (distance, nearest) = nearest(known(), &upper)?;
    let prefixed = PREFIXES.iter().any(|prefix| upper.starts_with(prefix));
    let similar = nearest.len() >= MIN_LENGTH && distance <= MAX_DISTANCE;
    if !prefixed && !similar {
        return None;
    }
    let longer = || known().find(|known| known.starts_with(&upper));
    let suggestion = Some(nearest).filter(|_| distance <= MAX_SUGGESTION_DISTANCE);
    let hint = match suggestion.or_else(longer) {
        Some(suggestion) => format!("did you mean {suggestion}?"),
        None => {
            let prefix = upper.split_inclusive('_').next().unwrap_or(&upper);
            let same: Vec<&str> = known().filter(|k| k.starts_with(prefix)).collect();
            format!("use one of {}", same.join(", "))
        }
    };
    Some(format!("is not a setting; {hint}"))
}

/// What to use instead of `entry`, which is not in [`MASKABLE`].
pub(crate) fn field_hint(entry: &str) -> String {
    let lower: Vec<String> = MASKABLE.iter().map(|known| known.to_lowercase()).collect();
    let distances = lower.iter().map(|k| levenshtein(k, &entry.to_lowercase()));
    let nearest = distances
        .zip(MASKABLE)
        .min_by_key(|(distance, _)| *distance);
    match nearest {
        Some((distance, known))
            if distance <= MAX_SUGGESTION_DISTANCE && distance * 2 < entry.len() =>
        {
            format!("did you mean {known}?")
        }
        _ => format!("use one of {}", MASKABLE.join(", ")),
    }
}

fn known() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|setting| setting.name)
}

/// The known name nearest to `name`, after its edit distance.
fn nearest(known: impl Iterator<Item = &'static str>, name: &str) -> Option<(usize, &'static str)> {
    known
        .map(|known| (levenshtein(known, name), known))
        .min_by_key(|(distance, _)| *distance)
}
