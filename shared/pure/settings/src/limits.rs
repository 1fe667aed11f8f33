//! Size limits of a transformation's output.

use crate::reader::Reader;

/// One output record before base64. Below 1,000 bytes not even a placeholder
/// event fits; above the response's own limit a cap means nothing.
const RECORD_BYTES: std::ops::RangeInclusive<usize> = 1_000..=6_000_000;

/// Lambda refuses a synchronous response above 6,291,556 bytes. The most we
/// take leaves room for ids and results, which are known only at run time.
const RESPONSE_BYTES: std::ops::RangeInclusive<usize> = 10_000..=6_000_000;

/// Reads MAX_RECORD_BYTES and MAX_RESPONSE_BYTES, in that order.
pub(crate) fn read(reader: &mut Reader<'_>) -> (Option<usize>, usize) {
    let record = reader.number("MAX_RECORD_BYTES", RECORD_BYTES);
    let shown = record.map_or_else(String::new, |bytes| bytes.to_string());
    reader.resolved("MAX_RECORD_BYTES", shown);

    let response = reader
        .number("MAX_RESPONSE_BYTES", RESPONSE_BYTES)
        .unwrap_or(*RESPONSE_BYTES.end());
    reader.resolved("MAX_RESPONSE_BYTES", response.to_string());
    (record, response)
}

#[cfg(test)]
mod tests {
    use crate::resolved::tests::{problem_of, settings_of};

    #[test]
    fn unset_means_no_record_cap_and_the_full_response() {
        let settings = settings_of(&[]);
        assert_eq!(settings.max_record_bytes, None);
        assert_eq!(settings.max_response_bytes, 6_000_000);
    }

    #[test]
    fn both_ends_of_a_range_are_inside() {
        for (name, low, high) in [
            ("MAX_RECORD_BYTES", 1_000, 6_000_000),
            ("MAX_RESPONSE_BYTES", 10_000, 6_000_000),
        ] {
            for inside in [low, high] {
                let settings = settings_of(&[(name, &inside.to_string())]);
                let read = [settings.max_record_bytes, Some(settings.max_response_bytes)];
                assert!(read.contains(&Some(inside)), "{name} {inside}");
            }
            for outside in [low - 1, high + 1] {
                let problem = problem_of(&[(name, &outside.to_string())]);
                assert!(problem.starts_with(&format!("{name}: is out of range; accepts")));
            }
        }
    }

    #[test]
    fn only_plain_digits_are_a_number() {
        for value in [
            "1,024,000",
            "1_024_000",
            "+5000",
            "-5000",
            "5000 ",
            "5k",
            "5e4",
        ] {
            let problem = problem_of(&[("MAX_RECORD_BYTES", value)]);
            assert!(
                problem.contains("is not a whole number in plain digits"),
                "{problem}"
            );
        }
        let huge = problem_of(&[("MAX_RECORD_BYTES", "99999999999999999999999")]);
        assert!(huge.contains("is out of range"), "{huge}");
    }
}
