//! Ctrl-C and SIGTERM: the run ends in order, and a second signal ends it at once.

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::{fmt, io};

use anyhow::{Context, Result};
use tokio::sync::watch;

/// A signal that asks the process to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// SIGINT: Ctrl-C.
    Interrupt,
    /// SIGTERM: `kill`, or a service manager.
    Terminate,
}

impl Signal {
    /// 128 plus the number of the signal, as shells report it.
    fn code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
        }
    }

    /// The exit code of a run that this signal ended.
    pub(crate) fn exit_code(self) -> ExitCode {
        ExitCode::from(self.code())
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Interrupt => "Ctrl-C",
            Self::Terminate => "SIGTERM",
        })
    }
}

/// Whether the process was asked to end. Clones share the answer.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt {
    signal: Arc<OnceLock<Signal>>,
    /// Turns true with the signal.
    stop: watch::Receiver<bool>,
}

impl Interrupt {
    /// Listens for signals from now on, on a thread of its own. The first one is reported here; the
    /// second one ends the process at once.
    ///
    /// # Errors
    /// The operating system refuses a signal handler or a thread.
    pub(crate) fn listen() -> Result<Self> {
        let signal: Arc<OnceLock<Signal>> = Arc::default();
        let (sender, stop) = watch::channel(false);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()?;
        let mut signals = {
            let _entered = runtime.enter();
            Signals::new().context("cannot listen for signals")?
        };
        let first = Arc::clone(&signal);
        let listen = move || {
            runtime.block_on(async {
                let received = signals.next().await;
                first.get_or_init(|| received);
                sender.send_replace(true);
                let second = signals.next().await;
                std::process::exit(second.code().into());
            });
        };
        std::thread::Builder::new()
            .name("signals".to_owned())
            .spawn(listen)?;
        Ok(Self { signal, stop })
    }

    /// The first signal, if there was one.
    pub(crate) fn received(&self) -> Option<Signal> {
        self.signal.get().copied()
    }

    /// Turns true with the first signal.
    pub(crate) fn stop(&self) -> watch::Receiver<bool> {
        self.stop.clone()
    }

    /// Waits for the first signal.
    pub(crate) async fn wait(&self) {
        // The sender lives as long as the process.
        let mut stop = self.stop.clone();
        if stop.wait_for(|is_stopped| *is_stopped).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// The handlers of both signals.
struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    async fn next(&mut self) -> Signal {
        let _ended = tokio::signal::ctrl_c().await;
        Signal::Interrupt
    }
}
