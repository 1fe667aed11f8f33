//! The HEC collector of `testkit`, for blocking test code.

use serde_json::Value;
use testkit::collector::{Collector, CollectorOptions, Faults};
use tokio::runtime::{Builder, Runtime};

/// A collector with its own thread. Both end when this value is dropped.
pub struct Siem {
    collector: Option<Collector>,
    runtime: Option<Runtime>,
}

impl Siem {
    /// A collector that accepts this token.
    ///
    /// # Panics
    /// If loopback is not available.
    #[must_use]
    pub fn start(token: &str) -> Self {
        Self::start_with(CollectorOptions::new(token))
    }

    /// A collector that accepts this token, behind a firewall that blocks bodies with `text`.
    ///
    /// # Panics
    /// If loopback is not available.
    #[must_use]
    pub fn behind_firewall(token: &str, text: &str) -> Self {
        let mut options = CollectorOptions::new(token);
        options.firewall = Some(text.to_owned());
        Self::start_with(options)
    }

    /// A collector with these options.
    ///
    /// # Panics
    /// If loopback is not available.
    #[must_use]
    pub fn start_with(options: CollectorOptions) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a thread");
        let collector = runtime
            .block_on(Collector::start(options))
            .expect("a port on loopback");
        Self {
            collector: Some(collector),
            runtime: Some(runtime),
        }
    }

    fn collector(&self) -> &Collector {
        self.collector
            .as_ref()
            .expect("it runs until this value is dropped")
    }

    /// Its event endpoint.
    #[must_use]
    pub fn url(&self) -> String {
        self.collector().url()
    }

    /// Its queue of faults.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        self.collector().faults()
    }

    /// Restarts it: events in memory are lost.
    pub fn restart(&self) {
        self.collector().restart();
    }

    /// The HEC objects that have arrived, in their order.
    ///
    /// # Panics
    /// If an object is not JSON.
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        let events = self.collector().events();
        events
            .iter()
            .map(|event| serde_json::from_slice(event).expect("a HEC object"))
            .collect()
    }

    /// The ids of the events that have arrived, sorted.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        let id = |event: &Value| event["event"]["eventID"].as_str().map(str::to_owned);
        let mut ids: Vec<String> = self.events().iter().filter_map(id).collect();
        ids.sort();
        ids
    }
}

impl Drop for Siem {
    fn drop(&mut self) {
        drop(self.collector.take());
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
