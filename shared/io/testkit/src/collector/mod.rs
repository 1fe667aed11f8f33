//! A HEC collector on 127.0.0.1 that responds like Splunk.
//!
//! Replies follow Splunk's documented codes, also where the receivers measured for this project
//! (Fluent Bit and Vector) differ. Not covered:
//! TLS, index lists, tokens in the query, and the sender's own metadata on `/raw`.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

mod authorization;
mod body;
mod exchange;
mod faults;
mod handling;
mod incidents;
mod memory;
mod objects;
mod options;
mod poll;
mod reply;
mod service;
mod shared;
mod stats;
mod sticky;

#[cfg(test)]
mod memory_tests;
#[cfg(test)]
mod tests;

pub use faults::{Fault, Faults};
pub use incidents::Incidents;
pub use memory::UnknownChannel;
pub use options::{CollectorOptions, OnEvent, SPLUNK_MAX_CONTENT_LENGTH};
pub use reply::ReplyCode;
pub use stats::CollectorStats;

use memory::Memory;
use shared::Shared;
use stats::Counters;
use sticky::Backends;

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
        let (faults, poll_faults) = (Faults::default(), Faults::default());
        faults.extend(options.faults);
        poll_faults.extend(options.poll_faults);
        let shared = Arc::new(Shared {
            token: options.token,
            max_content_length: options.max_content_length,
            acks: options.acks,
            unknown_channel: options.unknown_channel,
            backends: Backends::new(options.backends),
            memory: Memory::default(),
            restarts: watch::Sender::new(0),
            firewall: options.firewall.filter(|text| !text.is_empty()),
            on_event: options.on_event,
            events: Mutex::default(),
            faults,
            poll_faults,
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

    /// The queue of faults for requests with events.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// The queue of faults for acknowledgment polls.
    pub fn poll_faults(&self) -> &Faults {
        &self.shared.poll_faults
    }

    /// Restarts the collector: acknowledgments and events in memory are lost, and every
    /// connection is dropped. The port stays the same.
    pub fn restart(&self) {
        self.shared.restart();
    }

    /// The exact bytes of the objects indexed so far, in order of arrival: what
    /// [`Collector::restart`] does not lose. Empty if [`CollectorOptions::on_event`] is set.
    pub fn events(&self) -> Vec<Vec<u8>> {
        self.shared.release();
        self.shared
            .events
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Closes the port and every connection, and returns when they are closed.
    pub async fn shutdown(mut self) {
        self.server.abort();
        // The accept loop ends only by this abort.
        let _aborted = (&mut self.server).await;
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Accepts connections until aborted. The connections end with it, since the set owns them.
async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    let mut restarts = shared.restarts.subscribe();
    loop {
        while connections.try_join_next().is_some() {}
        let accepted = tokio::select! {
            // First, so that a connection made after a restart stays.
            biased;
            _restarted = restarts.changed() => {
                connections.abort_all();
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            // No file descriptors are left, or the client closed the connection: both are temporary.
            tokio::task::yield_now().await;
            continue;
        };
        // Replies are small; waiting to fill a packet would only add latency.
        let _best_effort = stream.set_nodelay(true);
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            let service = service_fn(move |request| service::answer(Arc::clone(&shared), request));
            // A connection ends early because of the client or of a fault.
            let _closed = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}
