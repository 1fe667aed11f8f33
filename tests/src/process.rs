//! A child process that any thread can kill, and steps after which it is killed.

use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A child process. Clones are the same process.
#[derive(Clone)]
pub struct Process(Arc<Mutex<Child>>);

impl Process {
    /// Starts `command`.
    ///
    /// # Panics
    /// The program cannot be started.
    #[must_use]
    pub fn start(command: &mut Command) -> Self {
        let child = command
            .spawn()
            .unwrap_or_else(|error| panic!("starting {command:?}: {error}"));
        Self(Arc::new(Mutex::new(child)))
    }

    /// The process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.lock().id()
    }

    /// The exit status of the process, if it has ended.
    ///
    /// # Panics
    /// Never: it is a child process.
    #[must_use]
    pub fn ended(&self) -> Option<ExitStatus> {
        self.lock().try_wait().expect("it is a child process")
    }

    /// Waits for the end of the process.
    #[must_use]
    pub fn wait(&self) -> ExitStatus {
        loop {
            // Not locked while waiting, so that the process can be killed.
            if let Some(status) = self.ended() {
                return status;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Kills the process with SIGKILL, unless it has ended.
    pub fn kill(&self) {
        let _ended = self.lock().kill();
    }

    fn lock(&self) -> MutexGuard<'_, Child> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts the events at the servers around a process, and kills it at a chosen step. Clones share the
/// count.
#[derive(Clone, Default)]
pub struct Steps(Arc<Mutex<Option<Target>>>);

struct Target {
    process: Process,
    steps: u64,
    delay: Duration,
}

impl Steps {
    /// Kills `process` after this number of steps and this delay.
    pub fn kill_after(&self, process: &Process, steps: u64, delay: Duration) {
        *self.lock() = Some(Target {
            process: process.clone(),
            steps,
            delay,
        });
    }

    /// Cancels the planned kill.
    pub fn disarm(&self) {
        *self.lock() = None;
    }

    /// Counts a step.
    pub fn step(&self) {
        let mut target = self.lock();
        let Some(next) = target.as_mut() else {
            return;
        };
        next.steps = next.steps.saturating_sub(1);
        if next.steps > 0 {
            return;
        }
        if let Some(Target { process, delay, .. }) = target.take() {
            if delay.is_zero() {
                process.kill();
            } else {
                std::thread::spawn(move || {
                    std::thread::sleep(delay);
                    process.kill();
                });
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Target>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
