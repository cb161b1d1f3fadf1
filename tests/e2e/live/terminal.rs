//! A terminal for the program: it gives a test what a person would see, and types what he would. The pseudo
//! terminal is Python's, since Rust's standard library has none.

use std::process::Stdio;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

/// Runs the rest of its arguments on a pseudo terminal, joined to its own input and output.
const SCRIPT: &str = "
import os, pty, sys
def shown(fd):
    data = os.read(fd, 4096)
    return data
status = pty.spawn(sys.argv[1:], shown)
sys.exit(os.waitstatus_to_exitcode(status))
";

pub struct Terminal {
    child: Child,
    shown: String,
}

impl Terminal {
    /// Starts this command on a terminal.
    pub async fn open(command: Command) -> Self {
        let command = command.as_std();
        let mut python = Command::new("python3");
        python.args(["-c", SCRIPT]).arg(command.get_program()).args(command.get_args()).env_clear();
        for (name, value) in command.get_envs() {
            python.envs(value.map(|value| (name, value)));
        }
        let child = python
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("python3 gives the terminal, and does not start: {error}"));
        Self { child, shown: String::new() }
    }

    async fn read(&mut self) -> bool {
        let mut bytes = [0; 4096];
        let count = self.child.stdout.as_mut().unwrap().read(&mut bytes).await.unwrap();
        self.shown.push_str(&String::from_utf8_lossy(&bytes[..count]));
        count > 0
    }

    /// Returns once this is shown.
    pub async fn wait_for(&mut self, text: &str) {
        while !self.shown.contains(text) {
            assert!(self.read().await, "it ended before it showed {text:?}: {}", self.shown);
        }
    }

    /// Types a line.
    pub async fn types(&mut self, line: &str) {
        let input = self.child.stdin.as_mut().unwrap();
        input.write_all(format!("{line}\n").as_bytes()).await.unwrap();
        input.flush().await.unwrap();
    }

    /// The exit code, and all that was shown.
    pub async fn end(mut self) -> (i32, String) {
        while self.read().await {}
        let status = self.child.wait().await.unwrap();
        (status.code().unwrap(), self.shown)
    }
}
