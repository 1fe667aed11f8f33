//! The sides of AWS that a shell talks to: so far Secrets Manager.

mod client;
mod mask_key;
mod secrets;

pub use client::sdk_config;
pub use mask_key::{MaskKeyCache, MaskKeyError};
pub use secrets::{SecretError, Secrets};
