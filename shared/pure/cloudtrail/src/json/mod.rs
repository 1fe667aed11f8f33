//! JSON as bytes: a validating walk that tells where values stand, and string unescaping.

mod block;
mod members;
mod string;
mod unescape;
mod walk;

use thiserror::Error;

pub(crate) use members::Members;
pub(crate) use string::string_end;
pub use unescape::{Scratch, string_value, unescape};
pub(crate) use walk::{NO_SLOT, STICKY, Scalar, Skip, Visit, skip_space, walk};

/// What is wrong with a JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum JsonErrorKind {
    /// The text ends inside a value.
    #[error("cut short")]
    CutShort,
    /// A byte stands where the grammar allows none of its kind.
    #[error("not JSON")]
    Syntax,
    /// More than [`MAX_DEPTH`](crate::MAX_DEPTH) containers inside each other.
    #[error("nested too deep")]
    TooDeep,
}

/// A JSON fault and the byte offset at which it was met. Never holds any of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{fault} at byte {at}")]
pub struct JsonError {
    /// What is wrong.
    pub fault: JsonErrorKind,
    /// Offset in bytes from the start of the text that was read.
    pub at: usize,
}

impl JsonError {
    /// The fault at `at`: [`JsonErrorKind::CutShort`] where the text has ended, else [`JsonErrorKind::Syntax`].
    pub(crate) fn here(text: &[u8], at: usize) -> Self {
        let fault = if at >= text.len() {
            JsonErrorKind::CutShort
        } else {
            JsonErrorKind::Syntax
        };
        Self {
            fault,
            at: at.min(text.len()),
        }
    }
}
