//! TLS servers on loopback with certificates of their own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// A certificate authority, and the folder with its PEM file.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) certificate: CertificateDer<'static>,
    pub(crate) file: PathBuf,
    _folder: TempDir,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self::with(params)
    }

    /// What is self-signed and not a certificate authority.
    pub(crate) fn self_signed(name: &str) -> Self {
        Self::with(CertificateParams::new([name.to_owned()]).unwrap())
    }

    fn with(params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, certificate.pem()).unwrap();
        Self {
            issuer: Issuer::new(params, key),
            certificate: certificate.der().clone(),
            file,
            _folder: folder,
        }
    }

    pub(crate) fn path(&self) -> &str {
        self.file.to_str().unwrap()
    }

    /// A server with a certificate for `name`.
    pub(crate) async fn server(&self, name: &str) -> TlsServer {
        self.server_with(name, |_| ()).await
    }

    /// The same after a change to the certificate.
    pub(crate) async fn server_with(
        &self,
        name: &str,
        change: impl FnOnce(&mut CertificateParams),
    ) -> TlsServer {
        let (chain, key) = self.certificate_for(name, change);
        let config = builder().with_no_client_auth();
        TlsServer::start(config.with_single_cert(chain, key).unwrap()).await
    }

    /// A server that requires a certificate of its clients.
    pub(crate) async fn server_for_known_clients(&self, name: &str) -> TlsServer {
        let (chain, key) = self.certificate_for(name, |_| ());
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        let config = builder().with_client_cert_verifier(verifier.build().unwrap());
        TlsServer::start(config.with_single_cert(chain, key).unwrap()).await
    }

    /// A server that uses the authority's own, self-signed certificate.
    pub(crate) async fn as_server(&self) -> TlsServer {
        let key = PrivatePkcs8KeyDer::from(self.issuer.key().serialize_der());
        let chain = vec![self.certificate.clone()];
        let config = builder().with_no_client_auth();
        TlsServer::start(config.with_single_cert(chain, key.into()).unwrap()).await
    }

    fn certificate_for(
        &self,
        name: &str,
        change: impl FnOnce(&mut CertificateParams),
    ) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        (vec![certificate.der().clone()], key.into())
    }
}

fn builder() -> rustls::ConfigBuilder<ServerConfig, rustls::WantsVerifier> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider);
    builder.with_safe_default_protocol_versions().unwrap()
}

/// A server that accepts every request, as HEC and as a log collector. It ends with the value.
pub(crate) struct TlsServer {
    pub(crate) address: SocketAddr,
    server: JoinHandle<()>,
}

impl TlsServer {
    async fn start(config: ServerConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let server = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    // Clients that do not trust it break off.
                    let Ok(stream) = acceptor.accept(stream).await else {
                        return;
                    };
                    let connection = http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service_fn(accept));
                    let _closed = connection.await;
                });
            }
        });
        Self { address, server }
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn accept(_request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let reply = r#"{"text":"Success","code":0}"#;
    Ok(Response::new(Full::from(reply)))
}
