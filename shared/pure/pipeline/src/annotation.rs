//! The names of the annotations: each is defined once, for the code that writes it and for
//! `schema/annotations.json`.

macro_rules! annotations {
    ($($constant:ident = $name:literal,)*) => {
        $(pub(crate) const $constant: &str = $name;)*

        /// The names of all annotations.
        pub const ANNOTATIONS: &[&str] = &[$($constant),*];
    };
}

annotations! {
    EVENT_ID = "event_id",
    EVENT_NAME = "event_name",
    EVENT_SOURCE = "event_source",
    AWS_REGION = "aws_region",
    ACCOUNT_ID = "account_id",
    SEVERITY = "severity",
    DELIVERY_PATH = "delivery_path",
    ERROR_CODE = "error_code",
    BLINDING = "blinding",
    RULES = "rules",
    TECHNIQUE = "technique",
    SRC_NETWORK = "src_network",
    PARSE_ERROR = "parse_error",
}
