//! A small HTTP server on 127.0.0.1, and one request to such a server, for blocking test code.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

/// A server that ends when this value is dropped.
pub struct Server {
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Server {
    /// A running server on a free port. Each request has its own thread, so that `answer` may block.
    ///
    /// # Panics
    /// If loopback is not available.
    #[must_use]
    pub fn start(
        answer: impl Fn(Request<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
    ) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_io()
            .build()
            .expect("a thread for the loopback server");
        let listener = runtime
            .block_on(TcpListener::bind(("127.0.0.1", 0)))
            .expect("a free port on loopback");
        let address = listener
            .local_addr()
            .expect("a bound listener has an address");
        runtime.spawn(accept(listener, Arc::new(answer)));
        Self {
            address,
            runtime: Some(runtime),
        }
    }

    /// Its address as `127.0.0.1:port`.
    #[must_use]
    pub fn authority(&self) -> String {
        self.address.to_string()
    }

    /// Its URL `http://127.0.0.1:port`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // A response may still wait for work that never arrives.
            runtime.shutdown_background();
        }
    }
}

type Answer = dyn Fn(Request<Bytes>) -> Response<Bytes> + Send + Sync;

async fn accept(listener: TcpListener, answer: Arc<Answer>) {
    while let Ok((stream, _)) = listener.accept().await {
        let answer = Arc::clone(&answer);
        tokio::spawn(async move {
            let service = service_fn(move |request| respond(request, Arc::clone(&answer)));
            // A client may close the connection during a request.
            let _gone = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn respond(
    request: Request<Incoming>,
    answer: Arc<Answer>,
) -> hyper::Result<Response<Full<Bytes>>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let answered =
        tokio::task::spawn_blocking(move || answer(Request::from_parts(head, body))).await;
    let response = answered.unwrap_or_else(|_panic| status(500, "the test's server panicked"));
    Ok(response.map(Full::new))
}

/// A response with this status and text.
///
/// # Panics
/// If the status is not valid.
#[must_use]
pub fn status(code: u16, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = code.try_into().expect("an HTTP status");
    response
}

/// The response of the server at `authority` (`127.0.0.1:port`) to one request. Its `Host` is the authority
/// unless it has one.
///
/// # Errors
/// Nothing listens there, or the connection ends early.
///
/// # Panics
/// If no thread can be started.
pub fn send(
    authority: &str,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, Box<dyn std::error::Error>> {
    Builder::new_current_thread()
        .enable_io()
        .build()
        .expect("a runtime for one request")
        .block_on(exchange(authority, request))
}

async fn exchange(
    authority: &str,
    mut request: Request<Bytes>,
) -> Result<Response<Bytes>, Box<dyn std::error::Error>> {
    let headers = request.headers_mut();
    headers.entry("host").or_insert(authority.parse()?);
    let stream = TcpStream::connect(authority).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let (head, body) = sender
        .send_request(request.map(Full::new))
        .await?
        .into_parts();
    let body = body.collect().await?.to_bytes();
    driver.abort();
    Ok(Response::from_parts(head, body))
}
