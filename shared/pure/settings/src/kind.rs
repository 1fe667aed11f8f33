//! The kinds of values that settings have.

use crate::text;

/// What a setting accepts.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Any of these words, separated by commas.
    SomeOf(&'static [&'static str]),
    /// Keys of CloudTrail records in the fields table of masking, separated by commas.
    Fields,
    /// `*`, `curated` or event names, separated by commas.
    EventNames,
    /// Networks as `label=CIDR`, separated by commas.
    Networks,
    /// A whole number.
    Number {
        /// The smallest one.
        min: usize,
        /// The largest one.
        max: usize,
    },
    /// A text that is not blank.
    Text {
        /// The words that describe it.
        accepts: &'static str,
        /// Returns what is wrong with it.
        check: fn(&str) -> Result<(), &'static str>,
    },
    /// Protected resources as JSON, or `@` and the path of a file.
    ProtectedResources,
}

impl Kind {
    /// On or off.
    pub(crate) const SWITCH: Self = Self::OneOf(&["on", "off"]);

    /// A short text without characters that need escapes.
    pub(crate) const TOKEN: Self =
        Self::token("1 to 128 printable ASCII characters without spaces, quotes or backslashes");

    /// An https URL without credentials; http for this machine only.
    pub(crate) const URL: Self = Self::Text {
        accepts: "an https URL (http for this machine only)",
        check: text::url,
    };

    /// Name or ARN of a secret in Secrets Manager.
    pub(crate) const SECRET: Self = Self::text("the name or ARN of a Secrets Manager secret");

    /// The same, checked so that nobody enters the mask key itself.
    pub(crate) const KEY_SECRET: Self = Self::Text {
        accepts: "the name or ARN of a Secrets Manager secret",
        check: text::secret_name,
    };

    /// Any text.
    pub(crate) const fn text(accepts: &'static str) -> Self {
        let check = text::any;
        Self::Text { accepts, check }
    }

    /// As [`Kind::TOKEN`], with the words that describe it.
    pub(crate) const fn token(accepts: &'static str) -> Self {
        let check = text::token;
        Self::Text { accepts, check }
    }

    /// The accepted values in words, to follow "use".
    #[must_use]
    pub fn accepts(self) -> String {
        match self {
            Self::OneOf(words) => alternatives(words, "or"),
            Self::SomeOf(words) => {
                format!("a comma-separated list of {}", alternatives(words, "and"))
            }
            Self::Number { min, max } => format!("a whole number from {min} to {max}"),
            Self::Fields => {
                "a comma-separated list of CloudTrail fields, without duplicates".to_owned()
            }
            Self::EventNames => {
                "*, curated, or a comma-separated list of event names such as StopLogging or iam:CreateUser".to_owned()
            }
            Self::Networks => {
                "a comma-separated list of label=CIDR such as corp-vpn=198.51.100.0/24".to_owned()
            }
            Self::Text { accepts, .. } => accepts.to_owned(),
            Self::ProtectedResources => {
                "a JSON object of resource names, or @ and the path of a file that contains one"
                    .to_owned()
            }
        }
    }
}

/// `a, b or c`.
fn alternatives(words: &[&str], conjunction: &str) -> String {
    match words {
        [first @ .., last] if !first.is_empty() => {
            format!("{} {conjunction} {last}", first.join(", "))
        }
        _ => words.concat(),
    }
}
