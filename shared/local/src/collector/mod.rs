//! A HEC collector on 127.0.0.1 that answers as Splunk does.
//!
//! Replies follow Splunk's documented codes; where the two receivers measured for this project
//! (Fluent Bit and Vector) differ from each other, the documented behaviour wins. Not covered:
//! TLS, index lists, tokens in the query, and the sender's own metadata on `/raw`.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

mod acks;
mod authorization;
mod body;
mod course;
mod faults;
mod objects;
mod reply;
mod service;
mod stats;

#[cfg(test)]
mod tests;

pub use faults::{Fault, Faults};
pub use reply::ReplyCode;
pub use stats::CollectorStats;

use acks::Acks;
use stats::Counters;

/// `max_content_length` of a current Splunk Enterprise, in bytes.
pub const SPLUNK_MAX_CONTENT_LENGTH: usize = 838_860_800;

/// Receives the exact bytes of every accepted HEC object (on `/raw`: of every line).
pub type OnEvent = Arc<dyn Fn(&[u8]) + Send + Sync>;

/// How a [`Collector`] answers.
#[derive(Clone)]
pub struct CollectorOptions {
    /// The one valid token.
    pub token: String,
    /// Whether the token has indexer acknowledgement, so that requests need a channel.
    pub acks: bool,
    /// Largest body in bytes, counted as sent and again after inflating; more is a 413.
    pub max_content_length: usize,
    /// A text that no body may hold, as a firewall before the collector has its own: the request
    /// gets a 400 with an empty body, and nothing is indexed.
    pub firewall: Option<String>,
    /// Where accepted objects go; with `None` the collector keeps them for [`Collector::events`].
    pub on_event: Option<OnEvent>,
    /// Faults for the first requests.
    pub faults: Vec<Fault>,
}

impl CollectorOptions {
    /// A collector without acknowledgement that keeps its events, with Splunk's size limit.
    pub fn new(token: impl Into<String>) -> Self {
        Self {
            token: token.into(),
            acks: false,
            max_content_length: SPLUNK_MAX_CONTENT_LENGTH,
            firewall: None,
            on_event: None,
            faults: Vec::new(),
        }
    }
}

/// What every connection of one collector shares.
struct Shared {
    token: String,
    max_content_length: usize,
    acks: Option<Acks>,
    firewall: Option<String>,
    on_event: Option<OnEvent>,
    events: Mutex<Vec<Vec<u8>>>,
    faults: Faults,
    counters: Counters,
}

impl Shared {
    fn is_stopped_by_firewall(&self, content: &[u8]) -> bool {
        self.firewall.as_ref().is_some_and(|text| {
            let mut windows = content.windows(text.len());
            windows.any(|window| window == text.as_bytes())
        })
    }

    /// Hands one accepted object on.
    fn index(&self, object: &[u8]) {
        self.counters.event();
        match &self.on_event {
            Some(on_event) => on_event(object),
            None => self
                .events
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(object.to_vec()),
        }
    }
}

/// A running HEC collector. Dropping it closes the port and every connection.
pub struct Collector {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl Collector {
    /// A collector listening on a free port of 127.0.0.1. Needs a running tokio runtime.
    ///
    /// # Errors
    /// The port cannot be bound.
    pub async fn start(options: CollectorOptions) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let faults = Faults::default();
        faults.extend(options.faults);
        let shared = Arc::new(Shared {
            token: options.token,
            max_content_length: options.max_content_length,
            acks: options.acks.then(Acks::default),
            firewall: options.firewall.filter(|text| !text.is_empty()),
            on_event: options.on_event,
            events: Mutex::default(),
            faults,
            counters: Counters::default(),
        });
        let server = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            server,
        })
    }

    /// The event endpoint: `http://127.0.0.1:PORT/services/collector/event`.
    pub fn url(&self) -> String {
        format!("http://{}/services/collector/event", self.address)
    }

    /// The address it listens on.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The counters so far.
    pub fn stats(&self) -> CollectorStats {
        self.shared.counters.snapshot()
    }

    /// The queue of faults; each is used up by one event or raw request with a valid token.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// The exact bytes of the objects accepted so far, in order of arrival.
    /// Empty where [`CollectorOptions::on_event`] takes them.
    pub fn events(&self) -> Vec<Vec<u8>> {
        self.shared
            .events
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Closes the port and every connection, and returns when they are closed.
    pub async fn shutdown(mut self) {
        self.server.abort();
        // The only way for the accept loop to end is this abort.
        let _aborted = (&mut self.server).await;
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Accepts connections until aborted; the connections end with it, since the set owns them.
async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors or a client gone before it was accepted: neither is the end.
            tokio::task::yield_now().await;
            continue;
        };
        // Replies are small; waiting to fill a packet would only add latency.
        let _best_effort = stream.set_nodelay(true);
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            let service = service_fn(move |request| service::answer(Arc::clone(&shared), request));
            // A connection that breaks is the client's affair, or a fault that was asked for.
            let _closed = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}
