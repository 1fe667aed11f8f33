//! JSON as bytes: a validating walk that reports where values are, and unescaping of strings.

mod members;
mod scalar;
mod unescape;
mod unescape_simd;
mod walk;

pub(crate) use members::Members;
pub(crate) use scalar::{Scalar, skip_space};
pub use unescape::{Scratch, string_value};
pub use unescape_simd::unescape;
pub use walk::MAX_DEPTH;
pub(crate) use walk::{NO_SLOT, STICKY, Skip, Visit, walk};
