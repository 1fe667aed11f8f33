//! Few samples that stand for many.

/// At most `limit` of `samples`, ascending: all of them where they are few
/// enough, else evenly spaced quantiles, the smallest and the largest among
/// them. With a limit below two there is no room for both ends: none are left.
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
    // Rounded to the nearest rank; `at == limit - 1` lands on `last` exactly.
    let rank = |at: usize| (at * last + (limit - 1) / 2) / (limit - 1);
    (0..limit).map(|at| sorted[rank(at)]).collect()
}

#[cfg(test)]
mod tests {
    use super::evenly_spaced;

    #[test]
    fn few_samples_are_all_kept_in_order() {
        assert!(evenly_spaced(&[], 100).is_empty());
        assert_eq!(evenly_spaced(&[3, -1, 2], 3), [-1, 2, 3]);
    }

    #[test]
    fn both_ends_are_kept_and_the_rest_is_evenly_spaced() {
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
    fn no_room_for_both_ends_leaves_none() {
        assert!(evenly_spaced(&[1, 2, 3], 1).is_empty());
        assert_eq!(evenly_spaced(&[1], 1), [1]);
    }
}
