//! The kinds of values that settings have.

/// What a setting accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Any of these words, separated by commas.
    SomeOf(&'static [&'static str]),
    /// Keys of CloudTrail records out of [`crate::MASKABLE`], separated by commas.
    Fields,
    /// `*`, `curated` or event names, separated by commas.
    EventNames,
    /// A whole number.
    Number {
        /// The smallest one.
        min: usize,
        /// The largest one.
        max: usize,
    },
    /// 1 to 128 printable ASCII characters without spaces, quotes or backslashes; with the words
    /// that describe the value.
    Token(&'static str),
    /// Any text that is not blank; with the words that describe it.
    Text(&'static str),
    /// An https URL without credentials; http for this machine only.
    Url,
    /// Name or ARN of a secret in Secrets Manager, checked so that nobody enters the key itself.
    SecretName,
    /// Protected resources as JSON, or `@` and the path of a file.
    ProtectedResources,
}

/// What [`Kind::Token`] accepts in general.
pub(crate) const TOKEN: &str =
    "1 to 128 printable ASCII characters without spaces, quotes or backslashes";

/// The words for a secret's name or ARN.
pub(crate) const SECRET: &str = "the name or ARN of a Secrets Manager secret";

impl Kind {
    /// The accepted values in words, to follow "use".
    #[must_use]
    pub fn accepts(self) -> String {
        match self {
            Self::OneOf(words) => alternatives(words, "or"),
            Self::SomeOf(words) => {
                format!("a comma-separated list of {}", alternatives(words, "and"))
            }
            Self::Fields => {
                "a comma-separated list of CloudTrail fields, without duplicates".to_owned()
            }
            Self::EventNames => {
                "*, curated, or a comma-separated list of event names such as StopLogging or iam:CreateUser".to_owned()
            }
            Self::Number { min, max } => format!("a whole number from {min} to {max}"),
            Self::Token(words) | Self::Text(words) => words.to_owned(),
            Self::Url => "an https URL (http for this machine only)".to_owned(),
            Self::SecretName => SECRET.to_owned(),
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
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} {conjunction} {last}", first.join(", ")),
    }
}
