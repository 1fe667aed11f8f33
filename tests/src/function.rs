//! A Lambda binary, run as the service runs it.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use tempfile::TempDir;

use crate::outcome::{Outcome, tail};
use crate::process::Process;
use crate::runtime_api::{Report, RuntimeApi, Work};

/// The access key of function and emulator: twelve digits, which the emulator uses as the account.
pub const ACCOUNT: &str = "111122223333";

/// The Region of function and emulator.
pub const REGION: &str = "us-east-1";

/// Time limit of the service for the start of a function.
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// Interval at which a silent process is checked.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// A function's process with its own Runtime API. Both end when this value is dropped.
pub struct Function {
    process: Process,
    api: RuntimeApi,
    folder: TempDir,
    waiting: bool,
    init_error: Option<Vec<u8>>,
    invocations: u32,
    trace: String,
}

impl Function {
    /// Starts the binary in the environment of Lambda with dummy credentials, inherits only `PATH`, and adds
    /// these variables, which take precedence.
    ///
    /// # Panics
    /// If the binary cannot be started.
    #[must_use]
    pub fn start(binary: &Path, environment: &[(&str, &str)]) -> Self {
        let api = RuntimeApi::start();
        let folder = tempfile::tempdir().expect("a temporary folder");
        // A file instead of a pipe: the output is available as soon as it is written.
        let output = File::create(folder.path().join(OUTPUT)).expect("a file for the output");
        let mut command = Command::new(binary);
        command
            .current_dir(folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(lambda_environment(&api.authority(), folder.path()))
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("a second handle of the output"))
            .stderr(output);
        let process = Process::start(&mut command);
        Self {
            process,
            api,
            folder,
            waiting: false,
            init_error: None,
            invocations: 0,
            trace: "Root=1-00000000-000000000000000000000000;Sampled=0".to_owned(),
        }
    }

    /// Its process, which other threads can kill.
    #[must_use]
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Sets the X-Ray header of the following invocations, by which Lambda recognizes chains of
    /// invocations.
    pub fn set_trace(&mut self, header: &str) {
        header.clone_into(&mut self.trace);
    }

    /// Sends one event and returns its outcome. The deadline that the function sees starts now.
    ///
    /// # Panics
    /// If the function neither requests an event nor ends within the service's ten seconds.
    pub fn invoke(&mut self, event: impl Into<Vec<u8>>, deadline: Duration) -> Outcome {
        if !self.idle() {
            return self.exited();
        }
        self.waiting = false;
        self.invocations += 1;
        let id = format!("00000000-0000-4000-8000-{:012}", self.invocations);
        let end = Instant::now() + deadline;
        self.api.send(Work {
            id: id.clone(),
            event: Bytes::from(event.into()),
            deadline: SystemTime::now() + deadline,
            trace: self.trace.clone(),
        });
        loop {
            match self.report_or_end(end) {
                Next::Report(Report::Answer(answered, answer)) if answered == id => {
                    return answer.into();
                }
                Next::Report(other) => self.note(other),
                Next::Exited => return self.exited(),
                Next::Late => {
                    self.kill();
                    return Outcome::TimedOut(tail(&self.written()));
                }
            }
        }
    }

    /// Whether the function has finished its work and waits for an event; if not, it has ended.
    ///
    /// # Panics
    /// If it does neither within ten seconds.
    pub fn idle(&mut self) -> bool {
        let end = Instant::now() + INIT_LIMIT;
        while !self.waiting {
            match self.report_or_end(end) {
                Next::Report(report) => self.note(report),
                Next::Exited => return false,
                Next::Late => panic!(
                    "the function did not ask for an event: {}",
                    tail(&self.written())
                ),
            }
        }
        true
    }

    /// Its output to standard output and error, once it is idle or has ended.
    ///
    /// # Panics
    /// As for [`Function::idle`].
    pub fn output(&mut self) -> String {
        self.idle();
        String::from_utf8_lossy(&self.written()).into_owned()
    }

    /// Its peak memory in bytes.
    ///
    /// # Panics
    /// If the system does not report it, or the process has ended.
    #[must_use]
    pub fn peak_bytes(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))
            .expect("a process that runs");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .expect("a peak");
        let kilobytes: u64 = line
            .trim()
            .trim_end_matches(" kB")
            .parse()
            .expect("a number");
        kilobytes * 1024
    }

    /// Its CPU time in seconds.
    ///
    /// # Panics
    /// If the system does not report it, or the process has ended.
    #[must_use]
    pub fn cpu_seconds(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id()))
            .expect("a process that runs");
        let (_, fields) = stat.rsplit_once(')').expect("a name in brackets");
        // Fields 14 and 15 of proc(5), in hundredths of a second.
        let ticks = fields.split_whitespace().skip(11).take(2);
        ticks
            .map(|field| field.parse::<f64>().expect("a number"))
            .sum::<f64>()
            / 100.0
    }

    /// The error that it reported to the Runtime API at its start, once it has ended.
    #[must_use]
    pub fn init_error(&self) -> Option<&[u8]> {
        self.init_error.as_deref()
    }

    fn report_or_end(&mut self, end: Instant) -> Next {
        loop {
            let ended = self.process.ended().is_some();
            // Read after the process is checked, so that reports before its end count.
            if let Some(report) = self.api.report(POLL_INTERVAL) {
                return Next::Report(report);
            }
            if ended {
                return Next::Exited;
            }
            if Instant::now() >= end {
                return Next::Late;
            }
        }
    }

    fn note(&mut self, report: Report) {
        match report {
            Report::Waiting => self.waiting = true,
            Report::InitError(body) => self.init_error = Some(body),
            Report::Answer(id, _) => panic!("an answer to {id}, which is not running"),
        }
    }

    fn exited(&mut self) -> Outcome {
        let status = self.process.wait();
        Outcome::Exited(status.code(), tail(&self.written()))
    }

    fn written(&self) -> Vec<u8> {
        fs::read(self.folder.path().join(OUTPUT)).expect("the file of the output")
    }

    fn kill(&mut self) {
        self.process.kill();
        let _status = self.process.wait();
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        self.kill();
    }
}

enum Next {
    Report(Report),
    Exited,
    Late,
}

const OUTPUT: &str = "output";

fn lambda_environment(api: &str, folder: &Path) -> Vec<(&'static str, String)> {
    let text = |value: &str| value.to_owned();
    vec![
        ("AWS_LAMBDA_RUNTIME_API", text(api)),
        ("AWS_LAMBDA_FUNCTION_NAME", text("under-test")),
        ("AWS_LAMBDA_FUNCTION_VERSION", text("$LATEST")),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", text("512")),
        ("AWS_LAMBDA_LOG_GROUP_NAME", text("/aws/lambda/under-test")),
        (
            "AWS_LAMBDA_LOG_STREAM_NAME",
            text("2024/05/01/[$LATEST]0123456789abcdef"),
        ),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", text("on-demand")),
        ("AWS_REGION", text(REGION)),
        ("AWS_DEFAULT_REGION", text(REGION)),
        ("AWS_ACCESS_KEY_ID", text(ACCOUNT)),
        ("AWS_SECRET_ACCESS_KEY", text("not-a-secret")),
        ("AWS_SESSION_TOKEN", text("not-a-token")),
        ("AWS_EC2_METADATA_DISABLED", text("true")),
        ("LAMBDA_TASK_ROOT", folder.display().to_string()),
        ("_HANDLER", text("bootstrap")),
        ("TZ", text(":UTC")),
    ]
}
