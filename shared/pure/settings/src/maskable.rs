//! The fields of CloudTrail that can be masked.

use masking::maskable_keys;

use crate::typo::{MAX_SUGGESTION_DISTANCE, nearest};

/// What to use instead of `entry` if it is not in the fields table of masking. Any other key is
/// rejected, since it is more likely a typing error than a key that names a person.
pub(crate) fn unknown_field(entry: &str) -> Option<String> {
    if maskable_keys().any(|key| is_form_of(key, entry)) {
        return None;
    }
    Some(match nearest(maskable_keys(), entry) {
        Some((distance, known))
            if distance <= MAX_SUGGESTION_DISTANCE && distance * 2 < entry.len() =>
        {
            format!("did you mean {known}?")
        }
        _ => "use keys of the table in docs/masking.md, such as sourceIPAddress and userName"
            .to_owned(),
    })
}

/// Whether services write `key` as `entry`: as it is, with a capital, or in small letters. Scope
/// `keys` masks exactly the form that is set, so that other forms would mask nothing.
fn is_form_of(key: &str, entry: &str) -> bool {
    let (first, rest) = key.split_at(1);
    key == entry
        || entry.strip_suffix(rest) == Some(&first.to_ascii_uppercase())
        || key.to_ascii_lowercase() == entry
}
