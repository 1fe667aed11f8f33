//! One HTTP client for all requests to a collector.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client};
use thiserror::Error;

use crate::ca_file::CaFileError;

/// Why there is no client.
#[derive(Debug, Error)]
pub enum ClientError {
    /// `HEC_URL` or `LOGS_URL` cannot be parsed.
    #[error("{0} is not a valid URL")]
    Url(&'static str),
    /// The file of `HEC_CA_FILE` cannot be used.
    #[error(transparent)]
    CaFile(#[from] CaFileError),
    /// The system's certificate authorities cannot be loaded.
    #[error("cannot set up the HTTP client")]
    Tls(#[source] reqwest::Error),
}

impl ClientError {
    /// The setting that is wrong, if it is known.
    #[must_use]
    pub fn setting(&self) -> Option<&'static str> {
        match self {
            Self::Url(setting) => Some(setting),
            Self::CaFile(_) => Some("HEC_CA_FILE"),
            Self::Tls(_) => None,
        }
    }
}

/// A client that keeps its connections, follows no redirect and verifies TLS with the system's
/// certificate authorities and `authorities`. Loading those of the system takes milliseconds, which
/// plain http on this machine does without.
pub(crate) fn client(is_tls: bool, authorities: Vec<Certificate>) -> Result<Client, ClientError> {
    let provider = rustls::crypto::ring::default_provider();
    let builder = Client::builder()
        .user_agent(concat!("sightline/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .dns_resolver(SystemResolver)
        .connect_timeout(Duration::from_secs(5))
        // A function sleeps between invocations; a connection that did too may be dead.
        .pool_idle_timeout(Duration::from_secs(50));
    let builder = if is_tls {
        // Fails only if another part of the process installed one, which serves as well.
        let _already = provider.install_default();
        builder.tls_certs_merge(authorities)
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

/// The system's resolver. Unlike that of reqwest, it fails with an error that can be recognized.
struct SystemResolver;

/// A host name that cannot be resolved.
#[derive(Debug, Error)]
#[error("the host name cannot be resolved")]
pub(crate) struct UnknownHost(#[source] Option<io::Error>);

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // The client puts in the port of the URL.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            let addresses: Vec<SocketAddr> =
                found.map_err(|error| UnknownHost(Some(error)))?.collect();
            if addresses.is_empty() {
                return Err(UnknownHost(None).into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
