//! Checks of values that are a single text.
//!
//! An error says what is wrong, without what is accepted and without any of the text.

/// Accepts any text.
pub(crate) fn any(_text: &str) -> Result<(), &'static str> {
    Ok(())
}

/// Checks for 1 to 128 printable ASCII characters without spaces, quotes or backslashes.
pub(crate) fn token(text: &str) -> Result<(), &'static str> {
    let plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'\\');
    if text.len() > 128 {
        Err("is longer than 128 characters")
    } else if !text.bytes().all(plain) {
        Err("contains a character that is not accepted")
    } else {
        Ok(())
    }
}

/// Checks scheme, host and credentials only: the HTTP client parses the URL, and a function that
/// does not deliver need not reject what only the client can.
pub(crate) fn url(text: &str) -> Result<(), &'static str> {
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let is_local = matches!(host, "127.0.0.1" | "localhost" | "::1");
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        Err("contains a space or a control character")
    } else if authority.contains('@') {
        Err("contains credentials, which belong in the secret")
    } else if host.is_empty() {
        Err("has no host")
    } else if scheme == "http" && !is_local {
        Err("is plain http, which can be read in transit")
    } else if !matches!(scheme, "http" | "https") {
        Err("starts with neither https:// nor http://")
    } else {
        Ok(())
    }
}

/// Checks that `text` can be the name or ARN of a secret. Messages never repeat any of it: it may
/// be the key.
pub(crate) fn secret_name(text: &str) -> Result<(), &'static str> {
    // CreateSecret, `Name` (AWS Secrets Manager API Reference).
    let in_name = |b: u8| b.is_ascii_alphanumeric() || b"/_+=.@-".contains(&b);
    if text.contains(['{', '"']) || looks_like_a_key(text) {
        return Err("looks like the key itself, which belongs in Secrets Manager");
    }
    if text.starts_with("arn:") {
        let parts: Vec<&str> = text.splitn(7, ':').collect();
        return match parts[..] {
            [_, _, "secretsmanager", _, _, "secret", name] if !name.is_empty() => Ok(()),
            _ => Err("is an ARN, but not of a secret"),
        };
    }
    if text.len() > 512 || !text.bytes().all(in_name) {
        return Err("is not a secret's name, which has 1 to 512 letters, digits and /_+=.@-");
    }
    Ok(())
}

/// Padded base64 of 32 bytes or more, or as many in hexadecimal: the usual forms of a key. Without
/// padding, base64 cannot be distinguished from a name.
fn looks_like_a_key(text: &str) -> bool {
    let hex = text.len() >= 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let base64 = text.len() >= 44
        && text.ends_with('=')
        && base64_simd::STANDARD.check(text.as_bytes()).is_ok();
    hex || base64
}
