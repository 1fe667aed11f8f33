//! A program and everything it starts, ended together.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};

/// Runs its arguments, and ends the whole process group when standard input does: so also after a test
/// that was killed, and with what the program left behind.
const TIED_TO_STDIN: &str =
    r#"exec 3<&0; (cat <&3 >/dev/null; kill -KILL 0) & "$0" "$@" </dev/null 3<&-"#;

/// A running program in a process group of its own. The group ends with this value, or with the
/// test's process.
pub struct Group {
    guard: Child,
    lifeline: Option<ChildStdin>,
}

impl Group {
    /// A command that becomes a group: arguments, folder, environment and output are the caller's.
    #[must_use]
    pub fn command(program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", TIED_TO_STDIN]).arg(program.as_ref());
        command
    }

    /// Starts what [`Group::command`] began.
    ///
    /// # Panics
    /// Where there is no shell.
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

    /// How the program ended, if it has.
    ///
    /// # Panics
    /// Never: the process is ours.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.guard.try_wait().expect("the process is ours")
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        let _status = self.guard.wait();
    }
}
