//! Ctrl-C and SIGTERM: the first signal ends the run gracefully, a second one ends the process.

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::{fmt, io};

use anyhow::{Context, Result};
use tokio::sync::watch;

/// A signal that ends the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// SIGINT: Ctrl-C.
    Interrupt,
    /// SIGTERM: `kill`, or a service manager.
    Terminate,
}

impl Signal {
    /// 128 plus the signal number, the convention of shells.
    fn code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
        }
    }

    /// The exit code of a run that was ended by this signal.
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

/// Whether a signal was received. Clones share the state.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt {
    signal: Arc<OnceLock<Signal>>,
    /// True after the first signal.
    stop: watch::Receiver<bool>,
}

impl Interrupt {
    /// Listens for signals on its own thread. The first signal is reported here, the second one ends
    /// the process at once.
    ///
    /// # Errors
    /// The signal handlers or the thread cannot be created.
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

    /// The first signal, if one was received.
    pub(crate) fn received(&self) -> Option<Signal> {
        self.signal.get().copied()
    }

    /// A value that becomes true with the first signal.
    pub(crate) fn stop(&self) -> watch::Receiver<bool> {
        self.stop.clone()
    }

    /// Waits for the first signal.
    pub(crate) async fn wait(&self) {
        // The sender exists as long as the process, so that an error cannot occur.
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
