//! How far apart two names are.

/// How many differences a name of `length` bytes may have and still be taken for a misspelling.
pub(super) fn max_distance(length: usize) -> usize {
    match length {
        0..4 => 0,
        4..8 => 1,
        8..16 => 2,
        _ => 3,
    }
}

/// The number of bytes inserted, removed, replaced or exchanged with their neighbor between `a` and
/// `b` (optimal string alignment distance); `None` above `limit`.
pub(super) fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for j in 0..b.len() {
            let replaced = above[j] + usize::from(a[i] != b[j]);
            let mut least = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        if row.iter().all(|distance| *distance > limit) {
            return None;
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().filter(|distance| *distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn differences_are_counted_up_to_the_limit() {
        for (a, b, limit, expected) in [
            ("", "", 0, Some(0)),
            ("abc", "abc", 0, Some(0)),
            ("abc", "", 3, Some(3)),
            ("abc", "", 2, None),
            ("kitten", "sitting", 3, Some(3)),
            ("kitten", "sitting", 2, None),
            ("trial", "trail", 1, Some(1)),
            ("ab", "ba", 1, Some(1)),
            ("abcd", "badc", 2, Some(2)),
            ("login", "logn", 1, Some(1)),
        ] {
            assert_eq!(distance(a, b, limit), expected, "{a} {b}");
            assert_eq!(distance(b, a, limit), expected, "{b} {a}");
        }
    }
}
