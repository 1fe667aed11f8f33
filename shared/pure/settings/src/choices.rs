//! Settings that accept one of a fixed list of words.

/// A type whose values are written as words, exactly as spelled.
pub(crate) trait Choice: Default {
    /// The accepted words, in the order of the documentation.
    const WORDS: &'static [&'static str];

    /// The value of `word`; `None` if it is not one of [`Choice::WORDS`].
    fn from_word(word: &str) -> Option<Self>;

    /// The word of this value.
    fn word(&self) -> &'static str;
}

/// Defines enums with their words. The variant marked `#[default]` is the value of an unset
/// setting.
macro_rules! choices {
    ($($(#[$meta:meta])* $vis:vis enum $name:ident {
        $($(#[$about:meta])* $variant:ident = $word:literal,)+
    })+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        $vis enum $name {
            $($(#[$about])* $variant,)+
        }

        impl Choice for $name {
            const WORDS: &'static [&'static str] = &[$($word),+];

            fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }

            fn word(&self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }
    )+};
}

choices! {
    /// The type of collector behind the HEC endpoint (`HEC_PROFILE`).
    pub enum Profile {
        /// Splunk Enterprise or Splunk Cloud: accepts `index` and `fields`.
        #[default]
        Splunk = "splunk",
        /// Huntress: accepts neither `index` nor `fields`.
        Huntress = "huntress",
        /// Any other collector that speaks HEC.
        Generic = "generic",
    }

    /// Where the annotations of an event are written (`ANNOTATE`).
    pub enum Annotate {
        /// To HEC `fields`, next to the event.
        #[default]
        Fields = "fields",
        /// Into the event, under `"sightline"`.
        Event = "event",
        /// Nowhere.
        Off = "off",
    }

    /// A CloudTrail `eventCategory`.
    pub enum Category {
        /// Management events.
        #[default]
        Management = "Management",
        /// Data events.
        Data = "Data",
        /// Insights events.
        Insight = "Insight",
        /// Network activity events.
        NetworkActivity = "NetworkActivity",
    }

    /// How people and addresses are masked (`MASK_MODE`).
    pub(crate) enum MaskMode {
        #[default]
        Off = "off",
        Sha256 = "sha256",
        Hmac = "hmac",
    }

    /// Where in a record people and addresses are masked (`MASK_SCOPE`).
    pub enum MaskScope {
        /// Also wherever the same person or address appears in the record.
        #[default]
        Record = "record",
        /// Under exactly the listed keys, at any depth.
        Keys = "keys",
    }

    /// The protocol of the collector (`SINK`).
    pub enum SinkKind {
        /// Splunk HTTP Event Collector.
        #[default]
        Hec = "hec",
        /// `POST {LOGS_URL}/v1/logs`.
        Logs = "logs",
    }

    /// How the objects of a request are combined (`HEC_BATCH`).
    pub enum BatchForm {
        /// One after the other.
        #[default]
        Concatenated = "concatenated",
        /// A JSON array.
        Array = "array",
        /// One object per request.
        Single = "single",
    }

    /// A setting that is on or off.
    pub(crate) enum Switch {
        On = "on",
        #[default]
        Off = "off",
    }
}

impl Category {
    /// The category as CloudTrail spells it in `eventCategory`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.word()
    }
}
