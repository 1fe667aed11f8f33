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
    /// [`Severity::High`]. `None` where the word is none.
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

    /// One step up, [`Severity::High`] at most.
    #[must_use]
    pub fn raised(self) -> Self {
        match self {
            Self::Informational => Self::Low,
            Self::Low => Self::Medium,
            Self::Medium | Self::High => Self::High,
        }
    }
}

/// What became of a call that blinds a security team, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It was refused, or only tried out.
    Attempt,
    /// It was carried out; whether it blinds cannot be judged from what the record holds.
    Unknown,
    /// It was carried out and blinds.
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

/// What the rules say of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Ids of the rules that match, or that cannot be judged.
    pub rules: Vec<String>,
    /// ATT&CK techniques of those rules, `T1562.008`, each once.
    pub techniques: Vec<String>,
    /// The highest level of those rules; `medium` at most where none of them could be judged.
    pub severity: Severity,
    /// Whether the event blinds; `None` where no rule that matches is about that.
    pub blinding: Option<Outcome>,
}
