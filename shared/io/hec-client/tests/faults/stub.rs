//! An HTTP server that keeps what it is report and answers as it is told, for what is no HEC.

use std::io::Read as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderMap;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// With its query.
    pub(crate) path: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body, inflated where it says that it is compressed.
    pub(crate) fn plain(&self) -> String {
        let mut plain = String::new();
        match self.header("content-encoding") {
            Some("gzip") => flate2::read::GzDecoder::new(&self.body[..]).read_to_string(&mut plain),
            _ => (&self.body[..]).read_to_string(&mut plain),
        }
        .unwrap();
        plain
    }
}

/// An answer.
pub(crate) struct Reply {
    status: u16,
    retry_after: Option<&'static str>,
    body: &'static str,
    delay: Duration,
}

impl Reply {
    pub(crate) fn new(status: u16, body: &'static str) -> Self {
        Self {
            status,
            retry_after: None,
            body,
            delay: Duration::ZERO,
        }
    }

    /// None within any test.
    pub(crate) fn never() -> Self {
        Self {
            delay: Duration::from_secs(3600),
            ..Self::new(500, "")
        }
    }

    pub(crate) fn after(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    pub(crate) fn retry_after(self, value: &'static str) -> Self {
        Self {
            retry_after: Some(value),
            ..self
        }
    }
}

/// A running server; it ends with the value.
pub(crate) struct Stub {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    server: JoinHandle<()>,
}

type Answer = dyn Fn(&Seen) -> Reply + Send + Sync;

impl Stub {
    pub(crate) async fn start(answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::default();
        let server = tokio::spawn(serve(listener, Arc::clone(&seen), Arc::new(answer)));
        Self {
            address,
            seen,
            server,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(listener: TcpListener, seen: Arc<Mutex<Vec<Seen>>>, answer: Arc<Answer>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
        let service = service_fn(move |request| {
            let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
            async move { reply(request, &seen, &*answer).await }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn reply(
    request: Request<Incoming>,
    seen: &Mutex<Vec<Seen>>,
    answer: &Answer,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (parts, body) = request.into_parts();
    let request = Seen {
        path: parts.uri.path_and_query().unwrap().to_string(),
        headers: parts.headers,
        body: body.collect().await?.to_bytes(),
    };
    let reply = answer(&request);
    seen.lock().unwrap().push(request);
    tokio::time::sleep(reply.delay).await;
    let mut response = Response::builder().status(reply.status);
    if let Some(value) = reply.retry_after {
        response = response.header("retry-after", value);
    }
    Ok(response.body(Full::from(reply.body)).unwrap())
}

/// More time than a round takes.
pub(crate) fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}
