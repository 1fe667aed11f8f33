//! Delivery to a HEC collector.
//!
//! [`HecClient`] sends events and decides by the collector's replies; [`DeliveryClient`] also stores
//! permanently rejected events as dead letters. Tokens come from a [`SecretSource`], dead letters go
//! to a [`DeadLetterStore`].

mod acknowledgment;
mod ca_file;
mod client;
mod collector;
mod connection;
mod cookies;
mod dead_letters;
mod delivery_client;
mod empty_secrets;
mod file;
mod http;
mod logs_reply;
mod protocol;
mod report;
mod response;
mod retry_policy;
mod run;
mod secret;
mod token;
mod token_cache;

pub use ca_file::{CaFileError, load_ca_file};
pub use client::HecClient;
pub use dead_letters::{DeadLetter, DeadLetterError, DeadLetterFolder, DeadLetterStore};
pub use delivery_client::DeliveryClient;
pub use empty_secrets::EmptySecrets;
pub use file::{is_unfinished, write_file};
pub use http::ClientError;
pub use report::{DeliveryError, DeliveryReport, RejectedEvent};
pub use retry_policy::RetryPolicy;
pub use secret::{SecretError, SecretFile, SecretSource};
pub use token::Token;
pub use token_cache::TokenCache;
