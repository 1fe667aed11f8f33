//! One run: a cloud, a collector, the processes between them, and what goes wrong.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use scenarios::cloud::{Cloud, MASK_SECRET, TOKEN};
use scenarios::process::{Process, Steps};
use scenarios::{Function, Outcome, Siem, artifacts};
use serde_json::Value;
use tempfile::TempDir;
use testkit::collector::{CollectorOptions, Incidents};

use crate::account::{Account, Balance};

/// What goes wrong in a run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Processes are killed with SIGKILL. Everything else works.
    Kills,
    /// The collector restarts and numbers acknowledgments from 0 again, and requests get lost.
    Restarts,
}

/// Maximum delay of the collector. It is longer than an invocation in these runs, so that some replies
/// are too late.
const SLOW: Duration = Duration::from_millis(400);

/// Maximum milliseconds between a step and the kill that follows it.
const MAX_KILL_DELAY: u64 = 25;

/// One run.
pub(crate) struct Run {
    pub(crate) trouble: Trouble,
    pub(crate) cloud: Cloud,
    pub(crate) account: Account,
    /// For files of the run.
    pub(crate) folder: TempDir,
    /// Processes that were killed so far.
    pub(crate) kills: u32,
    /// Steps (events that arrive, calls of the cloud) within which a process is killed.
    pub(crate) steps_of_run: u64,
    rng: Rng,
    planned_kills: u32,
    steps: Steps,
    siem: Siem,
    arrived: Arc<Mutex<Vec<String>>>,
}

impl Run {
    /// Whether the process was killed: by the run, or by the service at a deadline that is short on
    /// purpose.
    pub(crate) fn was_killed(&self, outcome: &Outcome) -> bool {
        match outcome {
            Outcome::Exited(None, _) => self.trouble == Trouble::Kills,
            Outcome::TimedOut(_) => self.trouble == Trouble::Restarts,
            _ => false,
        }
    }

    /// The run of this seed. The same seed gives the same plan; its effect also depends on the machine.
    pub(crate) fn new(seed: u64, trouble: Trouble) -> Self {
        let mut rng = Rng::with_seed(seed);
        let steps = Steps::default();
        let arrived: Arc<Mutex<Vec<String>>> = Arc::default();
        let mut options = CollectorOptions::new(TOKEN);
        let (sink, counted) = (Arc::clone(&arrived), steps.clone());
        options.on_event = Some(Arc::new(move |object: &[u8]| {
            sink.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(id_of(object));
            counted.step();
        }));
        if trouble == Trouble::Restarts {
            let incidents = Incidents::seeded(seed, SLOW);
            options.acks = true;
            options.unknown_channel = incidents.unknown_channel;
            options.faults = incidents.requests;
            options.poll_faults = incidents.polls;
        }
        Self {
            trouble,
            cloud: Cloud::start(steps.clone()),
            account: Account::default(),
            folder: tempfile::tempdir().expect("a temporary folder"),
            kills: 0,
            steps_of_run: 1,
            planned_kills: rng.u32(1..=3),
            rng,
            steps,
            siem: Siem::start_with(options),
            arrived,
        }
    }

    /// The settings of every process.
    fn settings(&self) -> Vec<(&'static str, String)> {
        let acks = match self.trouble {
            Trouble::Kills => "off",
            Trouble::Restarts => "on",
        };
        let text = str::to_owned;
        vec![
            ("AWS_ENDPOINT_URL", self.cloud.url()),
            ("HEC_URL", self.siem.url()),
            ("HEC_ACKS", text(acks)),
            // The minimum: many requests with few events each.
            ("HEC_MAX_BYTES", text("10000")),
            ("SECRET_NAME", text("hec")),
            ("RELAY_KEY_SECRET", text("key")),
        ]
    }

    /// A function of this name, with these additional settings.
    pub(crate) fn function(&mut self, name: &str, more: &[(&str, &str)]) -> Function {
        let binary = artifacts::binary(name).expect("its presence is checked before");
        let settings = self.settings();
        let settings = settings.iter().map(|(name, value)| (*name, value.as_str()));
        let masking = [("MASK_MODE", "hmac"), ("MASK_KEY_SECRET", MASK_SECRET)];
        let all: Vec<_> = settings
            .chain(masking)
            .chain(more.iter().copied())
            .collect();
        let function = Function::start(&binary, &all);
        self.arm(function.process());
        function
    }

    /// Runs `sightline` with these arguments, and returns its exit status and its standard error.
    pub(crate) fn sightline(&mut self, arguments: &[&str]) -> (ExitStatus, String) {
        let binary = artifacts::binary("sightline").expect("its presence is checked before");
        let output = self.folder.path().join("stderr");
        let mut command = Command::new(binary);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "111122223333")
            .env("AWS_SECRET_ACCESS_KEY", "x")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(self.settings())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&output).expect("a file"));
        let process = Process::start(&mut command);
        self.arm(&process);
        let status = process.wait();
        self.steps.disarm();
        if status.code().is_none() {
            self.kills += 1;
        }
        let said = std::fs::read(output).expect("the file");
        (status, String::from_utf8_lossy(&said).into_owned())
    }

    /// A file of the run.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Plans the end of a process.
    fn arm(&mut self, process: &Process) {
        if self.trouble == Trouble::Kills && self.kills < self.planned_kills {
            let steps = self.rng.u64(1..=self.steps_of_run);
            // Half of the kills are in the middle of the step.
            let late = if self.rng.bool() {
                self.rng.u64(0..MAX_KILL_DELAY)
            } else {
                0
            };
            self.steps
                .kill_after(process, steps, Duration::from_millis(late));
        }
    }

    /// Notes events that arrived somewhere other than at the collector.
    pub(crate) fn arrive(&mut self, ids: impl IntoIterator<Item = String>) {
        self.arrived
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(ids);
    }

    /// Ends the run: events in the collector's memory are lost.
    pub(crate) fn end(self) -> Balance {
        self.siem.restart();
        let arrived = self.arrived.lock().unwrap_or_else(PoisonError::into_inner);
        let mut balance = self.account.balance(&arrived);
        if self.trouble == Trouble::Restarts {
            // Unacknowledged events may be sent again any number of times.
            balance.excess.clear();
        }
        balance
    }
}

fn id_of(object: &[u8]) -> String {
    let object: Value = serde_json::from_slice(object).expect("a HEC object");
    let id = object["event"]["eventID"].as_str();
    id.unwrap_or("no id").to_owned()
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}
