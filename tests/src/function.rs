//! A real Lambda binary, run as the service runs it.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use tempfile::TempDir;

use crate::outcome::{Outcome, tail};
use crate::process::Process;
use crate::runtime_api::{Report, RuntimeApi, Work};

/// The access key of function and emulator: twelve digits, which the emulator takes for the account.
pub const ACCOUNT: &str = "111122223333";

/// The Region of function and emulator.
pub const REGION: &str = "us-east-1";

/// What the service waits for a function to start.
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// How often a silent process is looked after.
const LOOK: Duration = Duration::from_millis(10);

/// A function's process with a Runtime API of its own. Both end with this value.
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
    /// Starts the binary in the environment Lambda gives it, with dummy credentials and nothing inherited but
    /// `PATH`, and these variables besides (they win).
    ///
    /// # Panics
    /// Where the binary cannot be started.
    #[must_use]
    pub fn start(binary: &Path, environment: &[(&str, &str)]) -> Self {
        let api = RuntimeApi::start();
        let folder = tempfile::tempdir().expect("a temporary folder");
        // A file and no pipe: what the process has written is here as soon as it has written it.
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

    /// Its process, which other threads may kill.
    #[must_use]
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Gives the invocations from here on this X-Ray header, which is how Lambda follows chains of
    /// invocations.
    pub fn set_trace(&mut self, header: &str) {
        header.clone_into(&mut self.trace);
    }

    /// Sends one event and returns how it ended. The deadline the function sees counts from here.
    ///
    /// # Panics
    /// Where the function neither asks for an event nor ends within the ten seconds the service gives it.
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

    /// Whether the function has finished all it had to do and waits for an event; if not, it has ended.
    ///
    /// # Panics
    /// Where it does neither within ten seconds.
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

    /// All it has written to standard output and error, once it is idle or has ended.
    ///
    /// # Panics
    /// As [`Function::idle`].
    pub fn output(&mut self) -> String {
        self.idle();
        String::from_utf8_lossy(&self.written()).into_owned()
    }

    /// The most memory it has had, in bytes.
    ///
    /// # Panics
    /// Where the system does not tell, or the process has ended.
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

    /// The time of processors it has used, in seconds.
    ///
    /// # Panics
    /// Where the system does not tell, or the process has ended.
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

    /// The reason it gave the Runtime API for not starting, once it has ended.
    #[must_use]
    pub fn init_error(&self) -> Option<&[u8]> {
        self.init_error.as_deref()
    }

    fn report_or_end(&mut self, end: Instant) -> Next {
        loop {
            let ended = self.process.ended().is_some();
            // Asked after the look at the process: what it said before it ended counts.
            if let Some(report) = self.api.report(LOOK) {
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
