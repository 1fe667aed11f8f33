//! Reduces many samples to a few quantiles.

/// At most `limit` of `samples`, ascending: all of them if they are few enough, else evenly spaced
/// quantiles with the smallest and the largest. None if the limit is below two, because both ends
/// do not fit.
pub(crate) fn evenly_spaced(samples: &[i64], limit: usize) -> Vec<i64> {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable();
    if sorted.len() <= limit {
        return sorted;
    }
    if limit < 2 {
        return Vec::new();
    }
    let last = sorted.len() - 1;
    // Rounded to the nearest rank; `at == limit - 1` gives exactly `last`.
    let rank = |at: usize| (at * last + (limit - 1) / 2) / (limit - 1);
    (0..limit).map(|at| sorted[rank(at)]).collect()
}

#[cfg(test)]
mod tests {
    use super::evenly_spaced;

    #[test]
    fn few_samples_are_returned_in_order() {
        assert!(evenly_spaced(&[], 100).is_empty());
        assert_eq!(evenly_spaced(&[3, -1, 2], 3), [-1, 2, 3]);
    }

    #[test]
    fn quantiles_are_evenly_spaced_and_include_both_ends() {
        for (count, limit) in [(3, 2), (101, 100), (199, 100), (1_000, 100), (10_001, 101)] {
            let samples: Vec<i64> = (0..count).rev().collect();
            let picked = evenly_spaced(&samples, limit);
            assert_eq!(picked.len(), limit);
            assert_eq!((picked[0], picked[limit - 1]), (0, count - 1));
            let step = (count - 1) as f64 / (limit - 1) as f64;
            for (at, value) in picked.iter().enumerate() {
                let ideal = at as f64 * step;
                assert!(
                    (*value as f64 - ideal).abs() <= 0.5,
                    "{at}: {value} for {ideal}"
                );
            }
        }
    }

    #[test]
    fn a_limit_below_two_returns_no_samples() {
        assert!(evenly_spaced(&[1, 2, 3], 1).is_empty());
        assert_eq!(evenly_spaced(&[1], 1), [1]);
    }
}
