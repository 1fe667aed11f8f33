//! The CDK app, as an operator runs it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use scenarios::function::{ACCOUNT, REGION};
use scenarios::group::Group;
use scenarios::{Emulator, artifacts};
use tempfile::TempDir;

use crate::report;

/// A deployment takes half a minute on two busy cores.
const LIMIT: Duration = Duration::from_secs(400);

const DEPLOY: &[&str] = &["deploy", "--all", "--require-approval", "never"];

/// The configuration that is deployed.
const CONFIGURATION: &str = "test/deployment.config.ts";

/// The parts of the configuration that tests vary.
#[derive(Clone)]
pub(crate) struct Choices {
    /// How CloudWatch Logs reaches the collector: `firehose` or `direct`.
    pub(crate) stream: &'static str,
    /// Days for which log lines are stored.
    pub(crate) log_days: u32,
    /// ARN of an existing secret with the token; empty if the app creates one.
    pub(crate) secret: String,
}

impl Choices {
    pub(crate) fn new(stream: &'static str, log_days: u32) -> Self {
        Self {
            stream,
            log_days,
            secret: String::new(),
        }
    }
}

/// The app and the emulator that it is deployed to.
pub(crate) struct App {
    app: PathBuf,
    bundle: PathBuf,
    endpoint: String,
    collector: String,
    folder: TempDir,
}

impl App {
    /// The app of this checkout with the zips of the bundle; `None` if they or its packages are missing, with
    /// the reason printed.
    pub(crate) fn from_bundle(emulator: &Emulator, collector: String) -> Option<Self> {
        let bundle = artifacts::bundle()?;
        let app = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("cdk");
        if !artifacts::is_there(&app.join("node_modules/.bin/cdk"), "`npm ci` in cdk/") {
            return None;
        }
        Some(Self {
            app,
            bundle,
            endpoint: emulator.url(),
            collector,
            folder: tempfile::tempdir().expect("a temporary folder"),
        })
    }

    /// Bootstraps the CDK, once for each account and Region.
    pub(crate) fn bootstrap(&self) {
        self.succeed(&["bootstrap"], &Choices::new("firehose", 60));
    }

    /// Deploys, and returns the output of the CDK.
    pub(crate) fn deploy(&self, choices: &Choices) -> String {
        self.succeed(DEPLOY, choices)
    }

    /// Runs a deployment that must fail, and returns the output of the CDK.
    pub(crate) fn fail_to_deploy(&self, choices: &Choices) -> String {
        let (succeeded, output) = self.run(DEPLOY, choices);
        assert!(!succeeded, "the deployment did not fail:\n{output}");
        output
    }

    /// Destroys the stacks.
    pub(crate) fn destroy(&self, choices: &Choices) {
        self.succeed(&["destroy", "--all", "--force"], choices);
    }

    fn succeed(&self, words: &[&str], choices: &Choices) -> String {
        let (succeeded, output) = self.run(words, choices);
        assert!(succeeded, "cdk {} failed:\n{output}", words.join(" "));
        output
    }

    /// Whether a command of the CDK succeeded, and its output.
    fn run(&self, words: &[&str], choices: &Choices) -> (bool, String) {
        let shown = words.join(" ");
        let start = Instant::now();
        let log = self.folder.path().join("log");
        let mut command = self.command(words);
        command
            .env("SIGHTLINE_TEST_LOG_DAYS", choices.log_days.to_string())
            .env("SIGHTLINE_TEST_STREAM", choices.stream)
            .env("SIGHTLINE_TEST_SECRET", &choices.secret);
        let output = File::create(&log).expect("a file for the CDK's output");
        command.stderr(output.try_clone().expect("a second handle of the output"));
        command.stdout(output);
        let mut cdk = Group::start(&mut command);
        let status = loop {
            if let Some(status) = cdk.ended() {
                break status;
            }
            assert!(
                start.elapsed() < LIMIT,
                "cdk {shown} did not end in {LIMIT:?}:\n{}",
                text(&log)
            );
            std::thread::sleep(Duration::from_millis(50));
        };
        report(&format!(
            "cdk {shown}: {:.1} s",
            start.elapsed().as_secs_f64()
        ));
        (status.success(), text(&log))
    }

    fn command(&self, words: &[&str]) -> Command {
        let folder = self.folder.path();
        let mut command = Group::command("node_modules/.bin/cdk");
        command
            .args(words)
            .args([
                "--ci",
                "--no-notices",
                "--no-color",
                "--progress",
                "events",
                "--output",
            ])
            .arg(folder.join("cdk.out"))
            .arg("-c")
            .arg(format!("bundle={}", self.bundle.display()))
            .current_dir(&self.app)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(["HOME", "TMPDIR"].map(|name| (name, folder)))
            .envs([
                ("AWS_ENDPOINT_URL", self.endpoint.as_str()),
                ("AWS_ACCESS_KEY_ID", ACCOUNT),
                ("AWS_SECRET_ACCESS_KEY", "not-a-secret"),
                ("AWS_REGION", REGION),
                ("AWS_EC2_METADATA_DISABLED", "true"),
                ("SIGHTLINE_CONFIG", CONFIGURATION),
                ("SIGHTLINE_TEST_COLLECTOR", &self.collector),
            ]);
        command
    }
}

fn text(log: &Path) -> String {
    fs::read_to_string(log).unwrap_or_default()
}
