//! Names that nobody else has.

/// A version-4 UUID from the system's randomness, so that no two processes share one.
pub(crate) fn uuid() -> String {
    // What stays if the system had none.
    let mut bytes = fastrand::u128(..).to_be_bytes();
    let provider = rustls::crypto::ring::default_provider();
    let _filled = provider.secure_random.fill(&mut bytes);
    let random = u128::from_be_bytes(bytes);
    // Version and variant: RFC 9562, section 5.4.
    let random = (random & !(0xf << 76) & !(0b11 << 62)) | (4 << 76) | (0b10 << 62);
    let hex = format!("{random:032x}");
    [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ]
    .join("-")
}

#[cfg(test)]
mod tests {
    use super::uuid;

    #[test]
    fn each_is_a_version_4_uuid_of_its_own() {
        let all: std::collections::HashSet<String> = (0..1000).map(|_| uuid()).collect();
        assert_eq!(all.len(), 1000);
        for uuid in all {
            let parts: Vec<usize> = uuid.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 4, 4, 4, 12]);
            assert!(uuid[14..].starts_with('4'), "{uuid}");
            assert!(uuid[19..].starts_with(['8', '9', 'a', 'b']), "{uuid}");
        }
    }
}
