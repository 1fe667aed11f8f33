//! Settings that accept one of a fixed list of words.

/// Defines enums whose values are written as words, exactly as spelled. Each gets `ALL`, `WORDS`,
/// `name` and `FromStr`.
macro_rules! choices {
    ($($(#[$meta:meta])* $vis:vis enum $name:ident {
        $($(#[$about:meta])* $variant:ident = $word:literal,)+
    })+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $vis enum $name {
            $($(#[$about])* $variant,)+
        }

        impl $name {
            /// Every value, in the order of the documentation.
            $vis const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The words of [`Self::ALL`].
            $vis const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word of this value.
            #[must_use]
            $vis fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = ();

            fn from_str(word: &str) -> Result<Self, ()> {
                let mut all = Self::ALL.iter().copied();
                all.find(|value| value.name() == word).ok_or(())
            }
        }
    )+};
}

pub(crate) use choices;

choices! {
    /// The type of collector behind the HEC endpoint (`HEC_PROFILE`).
    pub enum Profile {
        /// Splunk Enterprise or Splunk Cloud: accepts `index` and `fields`.
        Splunk = "splunk",
        /// Huntress: accepts neither `index` nor `fields`.
        Huntress = "huntress",
        /// Any other collector that speaks HEC.
        Generic = "generic",
    }

    /// Where the annotations of an event are written (`ANNOTATE`).
    pub enum Annotate {
        /// To HEC `fields`, next to the event.
        Fields = "fields",
        /// Into the event, under `"sightline"`.
        Event = "event",
        /// Nowhere.
        Off = "off",
    }

    /// A CloudTrail `eventCategory`.
    pub enum Category {
        /// Management events.
        Management = "Management",
        /// Data events.
        Data = "Data",
        /// Insights events.
        Insight = "Insight",
        /// Network activity events.
        NetworkActivity = "NetworkActivity",
    }

    /// How people and addresses are masked (`MASK_MODE`).
    pub enum MaskMode {
        /// Nothing is masked.
        Off = "off",
        /// Plain SHA-256 digests, for compatibility.
        Sha256 = "sha256",
        /// Tokens made with a secret key.
        Hmac = "hmac",
    }

    /// Where in a record people and addresses are masked (`MASK_SCOPE`).
    pub enum MaskScope {
        /// Also wherever the same person or address appears in the record.
        Record = "record",
        /// Under exactly the listed keys, at any depth.
        Keys = "keys",
    }

    /// The protocol of the collector (`SINK`).
    pub enum SinkKind {
        /// Splunk HTTP Event Collector.
        Hec = "hec",
        /// `POST {LOGS_URL}/v1/logs`.
        Logs = "logs",
    }

    /// How the objects of a request are combined (`HEC_BATCH`).
    pub enum BatchForm {
        /// One after the other.
        Concatenated = "concatenated",
        /// A JSON array.
        Array = "array",
        /// One object per request.
        Single = "single",
    }
}

impl Profile {
    /// Whether requests to this type of collector are compressed.
    #[must_use]
    pub fn accepts_gzip(self) -> bool {
        self == Self::Splunk
    }
}
