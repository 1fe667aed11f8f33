//! Errors of JSON texts and of CloudTrail inputs. They state positions and never quote the text.

use thiserror::Error;

/// What is wrong with a JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum JsonErrorKind {
    /// The text ends inside a value.
    #[error("cut short")]
    Truncated,
    /// A byte that the grammar does not allow.
    #[error("not JSON")]
    Syntax,
    /// More nested containers than [`MAX_DEPTH`](crate::MAX_DEPTH).
    #[error("nested too deep")]
    TooDeep,
}

/// An error in a JSON text, with its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{kind} at byte {at}")]
pub struct JsonError {
    /// What is wrong.
    pub kind: JsonErrorKind,
    /// Offset in bytes from the start of the text.
    pub at: usize,
}

impl JsonError {
    /// The error at `at`: [`JsonErrorKind::Truncated`] at the end of the text, else
    /// [`JsonErrorKind::Syntax`].
    pub(crate) fn here(text: &[u8], at: usize) -> Self {
        let kind = if at >= text.len() {
            JsonErrorKind::Truncated
        } else {
            JsonErrorKind::Syntax
        };
        Self {
            kind,
            at: at.min(text.len()),
        }
    }
}

/// Why a text cannot be parsed to its end. Callers use no message of such a text, because the
/// messages that are missing from it are unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ParseError {
    /// The text is empty or white space.
    #[error("nothing in it")]
    Empty,
    /// The text is not JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A value has none of the [input formats](crate::InputFormat).
    #[error(
        "neither a CloudWatch Logs envelope, an EventBridge event, a CloudTrail log file nor a CloudTrail record at byte {at}"
    )]
    UnknownFormat {
        /// Offset of the value.
        at: usize,
    },
    /// Lambda's record of a failed invocation holds an event that cannot be forwarded. The reader
    /// never returns this: such a record surrounds an input format and is not one itself.
    #[error("Lambda's record of a failed invocation at byte {at}: {reason}")]
    InvocationRecord {
        /// Offset of the record.
        at: usize,
        /// What is wrong with its event.
        reason: &'static str,
    },
    /// The `messageType` of an envelope is neither `DATA_MESSAGE` nor `CONTROL_MESSAGE`.
    #[error("unknown messageType in the CloudWatch Logs envelope at byte {at}")]
    UnknownMessageType {
        /// Offset of the envelope.
        at: usize,
    },
    /// The list of messages is missing or not an array.
    #[error("{key} is no array in the value at byte {at}")]
    MissingArray {
        /// `logEvents` or `Records`.
        key: &'static str,
        /// Offset of the value.
        at: usize,
    },
    /// A key that changes the messages follows them, when they have been returned already.
    #[error("{key} follows the messages in the value at byte {at}")]
    KeyAfterMessages {
        /// The key.
        key: &'static str,
        /// Offset of the value.
        at: usize,
    },
    /// A structural key is duplicated. Choosing either copy could lose events.
    #[error("{key} stands twice in the value at byte {at}")]
    DuplicateKey {
        /// The key.
        key: &'static str,
        /// Offset of the value.
        at: usize,
    },
}
