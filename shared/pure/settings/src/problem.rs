//! What is wrong with a set of settings, in words a user can act on.

use std::fmt;

/// One thing that is wrong with one setting.
///
/// `Display`: `NAME: what is wrong; accepts …`, on one line. Only short words
/// of settings with a fixed list of words are repeated in it, never a value
/// that may be secret or personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Name of the setting, as the user spelt it.
    pub setting: String,
    /// What is wrong with it.
    pub message: String,
    /// What would be right, from the table; empty where the name is unknown.
    pub accepts: &'static str,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Escaped, since a name comes from the environment and a problem is
        // promised to be one line.
        write!(f, "{}: {}", self.setting.escape_debug(), self.message)?;
        if !self.accepts.is_empty() {
            write!(f, "; accepts {}", self.accepts)?;
        }
        Ok(())
    }
}

/// Everything that is wrong with a set of settings: at least one problem.
///
/// `Display` lists every problem, one a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct Problems(pub Vec<Problem>);

fn lines(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    lines.join("\n")
}

/// `value` in quotes where it is a short word, else only how long it is.
///
/// Letters, digits, `_`, `-` and blanks, 32 at most: room for every word a
/// setting accepts and its misspellings, none for an address or a key.
pub(crate) fn shown(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b' ');
    if value.len() <= 32 && value.bytes().all(plain) {
        format!("\"{value}\"")
    } else {
        format!("a value of {} characters", value.chars().count())
    }
}

#[cfg(test)]
mod tests {
    use super::{Problem, Problems, shown};

    fn problem(setting: &str, accepts: &'static str) -> Problem {
        Problem {
            setting: setting.to_owned(),
            message: "is wrong".to_owned(),
            accepts,
        }
    }

    #[test]
    fn every_problem_has_one_line() {
        let problems = Problems(vec![
            problem("MASK_MODE", "off, hmac"),
            problem("HEC_\nX", ""),
        ]);
        assert_eq!(
            problems.to_string(),
            "MASK_MODE: is wrong; accepts off, hmac\nHEC_\\nX: is wrong"
        );
    }

    #[test]
    fn only_short_plain_words_are_repeated() {
        for (value, expected) in [
            ("HMAC", "\"HMAC\""),
            ("hmac ", "\"hmac \""),
            ("10.1.2.3", "a value of 8 characters"),
            ("ann@example.com", "a value of 15 characters"),
            (
                "abcdefghijklmnopqrstuvwxyzabcdefg",
                "a value of 33 characters",
            ),
            ("é", "a value of 1 characters"),
        ] {
            assert_eq!(shown(value), expected);
        }
    }
}
