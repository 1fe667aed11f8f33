//! One HTTP client for all requests to a collector.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use reqwest::redirect::Policy;
use thiserror::Error;

/// Why there is no client.
#[derive(Debug, Error)]
pub enum ClientError {
    /// `HEC_URL` or `LOGS_URL` cannot be read.
    #[error("{0} is no URL")]
    Url(&'static str),
    /// A token cannot be had.
    #[error(transparent)]
    Token(#[from] crate::TokenError),
    /// TLS roots cannot be loaded.
    #[error("the HTTP client cannot be set up")]
    Tls(#[source] reqwest::Error),
}

/// A client that keeps its connections, follows no redirect and verifies TLS. Reading the
/// system's roots takes milliseconds, which plain http on this machine has no use for.
pub(crate) fn client(is_tls: bool) -> Result<Client, ClientError> {
    let provider = rustls::crypto::ring::default_provider();
    let builder = Client::builder()
        .user_agent(concat!("sightline/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .connect_timeout(Duration::from_secs(5))
        // A function sleeps between invocations; a connection that did too may be dead.
        .pool_idle_timeout(Duration::from_secs(50));
    let builder = if is_tls {
        // Lost only to another part of the process that installed one: as good.
        let _already = provider.install_default();
        builder
    } else {
        let no_roots = rustls::ClientConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()
            .expect("ring has cipher suites for the default versions")
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        builder.no_proxy().tls_backend_preconfigured(no_roots)
    };
    builder.build().map_err(ClientError::Tls)
}
