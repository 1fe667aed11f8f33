//! The emulator's process: its start and its address.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::group::Group;

/// MiniStack starts in well under a second on an idle machine.
const START_LIMIT: Duration = Duration::from_secs(60);

const PATCHES: &str = include_str!("emulator_patches.py");

/// The emulator for calls, on any free port.
pub(super) fn for_calls(executable: &Path) -> Command {
    let mut command = Group::command(executable);
    command.env("GATEWAY_PORT", "0");
    command
}

/// The emulator for deployments. Its functions and custom resources call it, so that it must know its
/// port before it starts.
pub(super) fn for_deployments(executable: &Path) -> Command {
    let python = executable.with_file_name("python3");
    let port = TcpListener::bind(("127.0.0.1", 0))
        .and_then(|free| free.local_addr())
        .expect("a free port on loopback")
        .port();
    let mut command = Group::command(python);
    command
        .args(["-c", PATCHES])
        .env("GATEWAY_PORT", port.to_string())
        .env("MINISTACK_HOST", "127.0.0.1")
        // Policies are enforced, and functions call with their own roles.
        .env("AUTH", "true")
        .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"));
    command
}

/// Starts it with its files in this folder and its output in `log`.
pub(super) fn start(mut command: Command, folder: &Path, log: &Path) -> Group {
    let output = File::create(log).expect("a file for the emulator's output");
    let kept: Vec<_> = command
        .get_envs()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
        .collect();
    command
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs(["HOME", "TMPDIR", "S3_DATA_DIR", "STATE_DIR"].map(|name| (name, folder)))
        // By default it listens on every interface, also for MQTT.
        .envs([("BIND_HOST", "127.0.0.1"), ("IOT_MTLS_ENABLED", "0")])
        .env("PYTHONUNBUFFERED", "1")
        .envs(kept)
        .stdout(output.try_clone().expect("a second handle of the output"))
        .stderr(output);
    Group::start(&mut command)
}

/// Its address, once its output states that it serves there.
pub(super) fn authority_in(log: &Path, group: &mut Group) -> String {
    const SERVING: &str = "Running on http://";
    let end = Instant::now() + START_LIMIT;
    loop {
        let ended = group.ended();
        let text = fs::read_to_string(log).unwrap_or_default();
        let found = text
            .split_once(SERVING)
            .and_then(|(_, rest)| rest.split_once(' '));
        if let Some((authority, _)) = found {
            return authority.to_owned();
        }
        assert!(
            ended.is_none() && Instant::now() < end,
            "the emulator did not start:\n{text}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}
