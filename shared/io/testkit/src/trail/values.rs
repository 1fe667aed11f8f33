//! Values of record fields.

use fastrand::Rng;

/// The account of all records.
pub(crate) const ACCOUNT: &str = "111122223333";

/// 32 hexadecimal digits in the groups of a version 4 UUID.
pub(crate) fn uuid(rng: &mut Rng) -> String {
    let (a, b) = (rng.u64(..), rng.u64(..));
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xfff,
        b >> 52,
        b & 0xffff_ffff_ffff
    )
}

/// `prefix` and `len` upper-case letters and digits, as in access keys and unique ids.
pub(crate) fn unique(rng: &mut Rng, prefix: &str, len: usize) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let letters = (0..len).map(|_| char::from(ALPHABET[rng.usize(..32)]));
    prefix.chars().chain(letters).collect()
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(rng: &mut Rng, len: usize) -> String {
    (0..len)
        .map(|_| char::from_digit(rng.u32(..16), 16).unwrap_or('0'))
        .collect()
}

/// A time on 27 or 28 October 2023, given epoch seconds; later ones stay on the 28th.
pub(crate) fn time(seconds: u64) -> String {
    let second = seconds - 1_698_364_800;
    let (day, clock) = if second < 86_400 {
        (27, second)
    } else {
        (28, second % 86_400)
    };
    format!(
        "2023-10-{day}T{:02}:{:02}:{:02}Z",
        clock / 3600,
        clock / 60 % 60,
        clock % 60
    )
}
