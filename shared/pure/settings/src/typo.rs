//! Names that look like a misspelled setting.
//!
//! A misspelled name would otherwise be ignored, and with it, for example, masking.

use strsim::levenshtein;

use crate::table::TABLE;

/// Prefixes of our settings: any other name that starts with one is an error.
const PREFIXES: [&str; 5] = ["MASK_", "HEC_", "EVENT_", "OWN_", "RULES_"];

/// A name without such a prefix is an error only if it is similar to a setting of at least this
/// length, so that variables of other programs are accepted.
const MIN_LENGTH: usize = 8;
const MAX_DISTANCE: usize = 2;

/// The largest edit distance of a suggestion, which costs little if it is wrong.
pub(crate) const MAX_SUGGESTION_DISTANCE: usize = 3;

/// The message about `name` if it is not a setting but looks like one.
pub(crate) fn misspelled(name: &str) -> Option<String> {
    let known = || TABLE.iter().map(|setting| setting.name);
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

/// The known name nearest to `name` in any letter case, after its edit distance.
pub(crate) fn nearest<'a>(
    known: impl Iterator<Item = &'a str>,
    name: &str,
) -> Option<(usize, &'a str)> {
    let name = name.to_ascii_lowercase();
    let distance = |known: &str| levenshtein(&known.to_ascii_lowercase(), &name);
    let distances = known.map(|known| (distance(known), known));
    distances.min_by_key(|(distance, _)| *distance)
}
