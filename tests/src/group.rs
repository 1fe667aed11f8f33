//! A program and its child processes, ended together.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};

/// Runs its arguments, and ends the whole process group when standard input ends: also after a test is
/// killed, and including processes that the program left behind.
const TIED_TO_STDIN: &str =
    r#"exec 3<&0; (cat <&3 >/dev/null; kill -KILL 0) & "$0" "$@" </dev/null 3<&-"#;

/// A running program in its own process group. The group ends when this value is dropped, or with the
/// test's process.
pub struct Group {
    guard: Child,
    lifeline: Option<ChildStdin>,
}

impl Group {
    /// A command for a group. The caller sets arguments, folder, environment and output.
    #[must_use]
    pub fn command(program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", TIED_TO_STDIN]).arg(program.as_ref());
        command
    }

    /// Starts a command of [`Group::command`].
    ///
    /// # Panics
    /// If there is no shell.
    #[must_use]
    pub fn start(command: &mut Command) -> Self {
        let mut guard = command
            .process_group(0)
            .stdin(Stdio::piped())
            .spawn()
            .expect("a shell");
        let lifeline = guard.stdin.take();
        Self { guard, lifeline }
    }

    /// The exit status of the program, if it has ended.
    ///
    /// # Panics
    /// Never: it is a child process.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.guard.try_wait().expect("it is a child process")
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        let _status = self.guard.wait();
    }
}
