//! A small HTTP server on 127.0.0.1, and one request to such a server, for plain blocking test code.

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

/// A server that ends with this value.
pub struct Server {
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Server {
    /// A running server on a free port. Each request is answered on a thread of its own, so `answer` may block.
    ///
    /// # Panics
    /// Where loopback is not to be had.
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

    /// Where it listens, as `127.0.0.1:port`.
    #[must_use]
    pub fn authority(&self) -> String {
        self.address.to_string()
    }

    /// Where it listens, as `http://127.0.0.1:port`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // An answer may still be waiting for work that never comes.
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
            // A client that goes away in mid-request is the client's affair.
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

/// A response of this status and text.
///
/// # Panics
/// On a status that is none.
#[must_use]
pub fn status(code: u16, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = code.try_into().expect("an HTTP status");
    response
}

/// The answer of the server at `authority` (`127.0.0.1:port`) to one request, which goes to the host of that
/// name where it names none.
///
/// # Errors
/// Where nobody listens there or the connection breaks.
///
/// # Panics
/// Where this process has no thread left for it.
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
