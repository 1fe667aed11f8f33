//! Names that look like a setting and are none.
//!
//! A misspelt name would otherwise be ignored, and with it, say, masking.

use crate::reader::Reader;
use crate::table::TABLE;

/// Prefixes that are ours: any other name that starts with one is a mistake.
const PREFIXES: [&str; 5] = ["MASK_", "HEC_", "EVENT_", "OWN_", "RULES_"];

/// A name without such a prefix is taken for a misspelt setting only when it
/// is this long and this close to one, so that nobody else's variable is.
const LONG_ENOUGH: usize = 8;
const CLOSE_ENOUGH: usize = 2;

/// How far off a name may be for a hint. A wrong hint costs a second look.
const HINT_WITHIN: usize = 3;

/// Reports every name that is none of ours but looks like one.
pub(crate) fn report(reader: &mut Reader<'_>) {
    for name in reader.names() {
        if known().any(|known| known == name) {
            continue;
        }
        // Windows and shells are careless about case; `mask_mode` is a mistake.
        let upper = name.to_ascii_uppercase();
        let (nearest, distance) = nearest(&upper);
        let prefixed = PREFIXES.iter().any(|prefix| upper.starts_with(prefix));
        let close = nearest.len() >= LONG_ENOUGH && distance <= CLOSE_ENOUGH;
        if prefixed || close {
            reader.problem(name, message(&upper, nearest, distance));
        }
    }
}

fn known() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|setting| setting.name)
}

fn message(upper: &str, nearest: &str, distance: usize) -> String {
    let longer = known().find(|known| known.starts_with(upper));
    let hint = if distance <= HINT_WITHIN {
        Some(nearest)
    } else {
        longer
    };
    match hint {
        Some(hint) => format!("is not a setting; did you mean {hint}?"),
        None => {
            let prefix = upper.split_inclusive('_').next().unwrap_or(upper);
            let known: Vec<&str> = known().filter(|k| k.starts_with(prefix)).collect();
            format!("is not a setting; there are {}", known.join(", "))
        }
    }
}

/// The known name nearest to `name`, and how many edits away it is.
fn nearest(name: &str) -> (&'static str, usize) {
    known()
        .map(|known| (known, edits(known.as_bytes(), name.as_bytes())))
        .min_by_key(|(_, distance)| *distance)
        .unwrap_or(("", usize::MAX))
}

/// Levenshtein distance in bytes: insertions, deletions and replacements.
pub(crate) fn edits(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::edits;
    use crate::resolved::tests::{problem_of, settings_of};

    #[test]
    fn misspelt_names_are_refused_with_a_hint_and_without_the_value() {
        for (name, hint) in [
            ("MASK_FIELD", "did you mean MASK_FIELDS?"),
            ("EVENT_NAME", "did you mean EVENT_NAMES?"),
            ("HEC_INDX", "did you mean HEC_INDEX?"),
            ("HEC_URI", "did you mean HEC_URL?"),
            ("mask_mode", "did you mean MASK_MODE?"),
            ("MASKMODE", "did you mean MASK_MODE?"),
            ("MAKS_MODE", "did you mean MASK_MODE?"),
            ("MAX_RECORDS_BYTES", "did you mean MAX_RECORD_BYTES?"),
            ("MASK_KEY_SEC", "did you mean MASK_KEY_SECRET?"),
            ("MASK_K", "did you mean MASK_KEY_SECRET?"),
            (
                "HEC_SOURCETYPE",
                "there are HEC_PROFILE, HEC_INDEX, HEC_URL, HEC_CA_FILE, HEC_MAX_BYTES, HEC_BATCH, HEC_ACKS",
            ),
        ] {
            let problem = problem_of(&[(name, "s3cr3t-value")]);
            let start = format!("{name}: is not a setting; ");
            assert!(problem.starts_with(&start), "{problem}");
            assert!(problem.ends_with(hint), "{problem}");
            assert!(!problem.contains("s3cr3t"), "{problem}");
        }
    }

    #[test]
    fn names_of_others_are_left_alone() {
        for name in [
            "LOG_LEVEL",
            "SINKS",
            "AWS_REGION",
            "_HANDLER",
            "PATH",
            "MASKING",
            "EVENTS",
            "",
            "É",
        ] {
            settings_of(&[(name, "x")]);
        }
    }

    #[test]
    fn distances() {
        for (a, b, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("MASK", "MAKS", 2),
        ] {
            assert_eq!(edits(a.as_bytes(), b.as_bytes()), expected);
        }
    }
}
