//! `eventTime` as epoch seconds. Parsed here and not by a library, because each record has one and
//! its decimals are forwarded as they were written.

/// A point in time, with its decimals as they were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpochTime<'a> {
    /// Seconds since 1970-01-01T00:00:00Z, rounded down.
    pub seconds: i64,
    /// The digits after the decimal point, verbatim; may be empty.
    pub decimals: &'a str,
}

/// The time of an `eventTime` such as `2023-10-27T14:30:00Z`: RFC 3339 with `T`, and `Z` or an offset
/// in hours and minutes. `None` for anything else, including dates that do not exist.
pub fn parse_event_time(text: &str) -> Option<EpochTime<'_>> {
    let bytes = text.as_bytes();
    let fixed = bytes.get(..19)?;
    let punctuation = [fixed[4], fixed[7], fixed[10], fixed[13], fixed[16]];
    if punctuation != *b"--T::" {
        return None;
    }
    let [year, month, day] = [
        number(&fixed[..4])?,
        number(&fixed[5..7])?,
        number(&fixed[8..10])?,
    ];
    let [hour, minute, second] = [
        number(&fixed[11..13])?,
        number(&fixed[14..16])?,
        number(&fixed[17..19])?,
    ];
    if !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (decimals, zone) = split_decimals(text.get(19..)?)?;
    let clock = hour * 3600 + minute * 60 + second;
    let seconds = days_before(year, month, day) * 86_400 + clock - offset(zone)?;
    Some(EpochTime { seconds, decimals })
}

/// The number in a few ASCII digits.
fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum, digit| {
        digit
            .is_ascii_digit()
            .then(|| sum * 10 + i64::from(digit - b'0'))
    })
}

/// The text after the seconds, as decimals (at least one after a point) and time zone.
fn split_decimals(rest: &str) -> Option<(&str, &str)> {
    let Some(after) = rest.strip_prefix('.') else {
        return Some(("", rest));
    };
    let end = after.bytes().take_while(u8::is_ascii_digit).count();
    (end > 0).then(|| after.split_at(end))
}

/// Seconds east of UTC.
fn offset(zone: &str) -> Option<i64> {
    match zone.as_bytes() {
        b"Z" => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (number(&[*h1, *h2])?, number(&[*m1, *m2])?);
            let seconds = hours * 3600 + minutes * 60;
            (hours < 24 && minutes < 60).then_some(if *sign == b'+' { seconds } else { -seconds })
        }
        _ => None,
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, counted in years that begin in
/// March, so that the leap day is the last of its year.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let year = if month < 3 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_times_as_cloudtrail_and_eventbridge_write_them() {
        for (text, seconds, decimals) in [
            ("2023-10-27T14:33:20Z", 1_698_417_200, ""),
            ("2023-10-27T14:33:20.000Z", 1_698_417_200, "000"),
            ("2023-10-27T16:33:20.5+02:00", 1_698_417_200, "5"),
            ("2024-02-29T00:00:00Z", 1_709_164_800, ""),
            ("1970-01-01T00:00:00Z", 0, ""),
            ("1969-12-31T23:59:59Z", -1, ""),
            ("2000-03-01T00:00:00Z", 951_868_800, ""),
        ] {
            assert_eq!(
                parse_event_time(text),
                Some(EpochTime { seconds, decimals }),
                "{text}"
            );
        }
    }

    #[test]
    fn rejects_everything_else() {
        for text in [
            "",
            "yesterday",
            "2023-02-29T00:00:00Z",
            "2023-13-01T00:00:00Z",
            "2023-10-27 14:33:20Z",
            "2023-10-27T24:00:00Z",
            "2023-10-27T14:33:60Z",
            "2023-10-27T14:33:20",
            "2023-10-27T14:33:20.Z",
            "2023-10-27T14:33:20Zx",
            "2023-10-27T14:33:20+0200",
            "+023-10-27T14:33:20Z",
            "2023-10-27T14:33:2éZ",
        ] {
            assert_eq!(parse_event_time(text), None, "{text}");
        }
    }
}
