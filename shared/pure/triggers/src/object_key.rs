//! Keys of objects, decoded.

use percent_encoding::percent_decode_str;

/// The key that a notification encodes as HTML forms do: `+` for a space, `%` and two hexadecimal
/// digits for a byte. `None` if the bytes are not UTF-8.
pub(crate) fn form_decoded(key: &str) -> Option<String> {
    let spaces = key.replace('+', " ");
    let decoded = percent_decode_str(&spaces).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_decoded_as_forms_are() {
        for (encoded, key) in [
            ("AWSLogs%2F1+2%2B.gz", "AWSLogs/1 2+.gz"),
            ("AWSLogs/1%202%2B.gz", "AWSLogs/1 2+.gz"),
            ("%C3%A9%e2%82%ac", "é€"),
            ("100%", "100%"),
            ("%zz%4", "%zz%4"),
            ("%+1", "% 1"),
        ] {
            assert_eq!(form_decoded(encoded).as_deref(), Some(key), "{encoded}");
        }
        assert_eq!(form_decoded("%ff"), None);
    }
}
