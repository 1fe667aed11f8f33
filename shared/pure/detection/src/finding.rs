//! What rules find in an event.

/// How much an event matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the level of that name")]
pub enum Severity {
    Informational,
    Low,
    Medium,
    High,
}

impl Severity {
    /// The severity of a Sigma level or of an entry of the curated list; `critical` is
    /// [`Severity::High`]. `None` for any other word.
    pub fn of_level(level: &str) -> Option<Self> {
        match level {
            "informational" => Some(Self::Informational),
            "low" => Some(Self::Low),
            "medium" => Some(Self::Medium),
            "high" | "critical" => Some(Self::High),
            _ => None,
        }
    }

    /// Its name in an event's `severity`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// One step up, at most [`Severity::High`].
    #[must_use]
    pub fn raised(self) -> Self {
        match self {
            Self::Informational => Self::Low,
            Self::Low => Self::Medium,
            Self::Medium | Self::High => Self::High,
        }
    }
}

/// The outcome of a call that blinds a security team, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// AWS denied it, or it was a dry run.
    Attempt,
    /// It succeeded; the record does not show whether it blinds.
    Unknown,
    /// It succeeded and blinds.
    Success,
}

impl Outcome {
    /// Its name in an event's `blinding`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Attempt => "attempt",
            Self::Unknown => "unknown",
            Self::Success => "success",
        }
    }
}

/// What the rules find in one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Ids of the rules that match or cannot be decided.
    pub rules: Vec<String>,
    /// ATT&CK techniques of those rules, `T1562.008`, each once.
    pub techniques: Vec<String>,
    /// The highest level of those rules; at most `medium` for rules that cannot be decided.
    pub severity: Severity,
    /// The blinding outcome; `None` if no matching rule is about blinding.
    pub blinding: Option<Outcome>,
}
