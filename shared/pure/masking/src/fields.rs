//! The fields table: what the values under a key are, for every key that matters to masking.
//!
//! A new field of people or addresses is one more key in a row of [`FIELDS`]. The keys that a
//! scan watches, the classification of values, the names of tags and compared fields, the keys
//! that `MASK_FIELDS` accepts, and the tables of `docs/masking.md` all come from this table.

mod kind;
mod table;

use cloudtrail::KeySet;

pub use kind::{Field, FieldKind};
pub use table::FIELDS;
pub(crate) use table::PERSON_EVENTS;

/// The number of [`FieldKind::Forced`] among the watched keys.
pub(crate) const FORCED: u8 = FIELDS.len() as u8;

/// The kind of each number.
const KINDS: [FieldKind; 256] = {
    let mut kinds = [FieldKind::Unlisted; 256];
    let mut row = 0;
    while row < FIELDS.len() {
        kinds[row] = FIELDS[row].kind;
        row += 1;
    }
    kinds[FORCED as usize] = FieldKind::Forced;
    kinds[KeySet::ROOT as usize] = FieldKind::Root;
    kinds
};

/// The kind of the key with this number, as reported by a scan.
#[inline(always)]
pub(crate) fn kind_of(number: u8) -> FieldKind {
    KINDS[usize::from(number)]
}

/// The keys of the table that `MASK_FIELDS` accepts, in the order of the table.
pub fn maskable_keys() -> impl Iterator<Item = &'static str> {
    FIELDS
        .iter()
        .flat_map(|field| field.keys.iter().chain(field.endings))
        .copied()
}

/// The keys of the table, with those in `forced` for [`FieldKind::Forced`]. `None` if there are
/// more than can be watched.
pub(crate) fn key_set(forced: impl IntoIterator<Item = String>) -> Option<KeySet> {
    // The first of two equal names counts.
    let forced = forced.into_iter().map(|field| (field, FORCED));
    let keys = KeySet::new(forced.chain(names()))?;
    let endings = FIELDS.iter().zip(0..).flat_map(|(field, number)| {
        let endings = field.endings.iter();
        endings.map(move |ending| (ending.to_ascii_lowercase(), number))
    });
    Some(keys.in_any_case(endings).with_every_string())
}

/// Every form of every key, with the number of its row.
fn names() -> impl Iterator<Item = (String, u8)> {
    FIELDS.iter().zip(0..).flat_map(|(field, number)| {
        let keys = field.keys.iter().chain(field.endings);
        let forms = keys.flat_map(|key| forms(key));
        forms.map(move |form| (form, number))
    })
}

/// `createdBy`, `created_by`, `created-by`, `created By`; one form of a key of one word.
fn forms(key: &str) -> Vec<String> {
    let mut forms = vec![key.to_owned()];
    let is_border = |pair: &[u8]| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase();
    let borders = key
        .as_bytes()
        .windows(2)
        .filter(|pair| is_border(pair))
        .count();
    for separator in ["_", "-", " "] {
        if borders > 0 {
            let mut form = String::new();
            let mut last = ' ';
            for letter in key.chars() {
                if last.is_ascii_lowercase() && letter.is_ascii_uppercase() {
                    form.push_str(separator);
                }
                form.push(letter);
                last = letter;
            }
            forms.push(form);
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_in_one_row_and_has_its_forms() {
        let mut seen = std::collections::HashSet::new();
        for (name, _) in names() {
            assert!(seen.insert(name.to_ascii_lowercase()), "{name} is repeated");
        }
        for form in ["createdby", "created_by", "created-by", "e-mail"] {
            assert!(seen.contains(form), "{form}");
        }
        assert!(seen.len() < KeySet::MAX_NAMES - 300, "room for MASK_FIELDS");
        const { assert!(FORCED < KeySet::ROOT) };
        assert_eq!(kind_of(FORCED), FieldKind::Forced);
        assert_eq!(kind_of(KeySet::UNNAMED), FieldKind::Unlisted);
    }
}
