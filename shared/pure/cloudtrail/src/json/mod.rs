//! JSON as bytes: a validating walk that reports where values are, and unescaping of strings.

mod escape;
mod members;
mod scalar;
mod string;
mod unescape;
#[cfg(target_arch = "x86_64")]
mod unescape_simd;
mod walk;

pub use escape::Scratch;
pub(crate) use members::Members;
pub(crate) use scalar::{Scalar, skip_space};
pub use unescape::{string_value, unescape};
pub use walk::MAX_DEPTH;
pub(crate) use walk::{NO_SLOT, STICKY, Skip, Visit, walk};
