//! Joins the two halves of the program: hands the command line the environment and the edge, and ends with
//! its exit code.

#![expect(clippy::disallowed_methods, reason = "the edge: from here the world is handed in")]

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::sync::Mutex;

use aws_janitor::aws::AwsBackend;
use aws_janitor::cli::context::{Environment, Stream, Tty};
use aws_janitor::run::{Stopper, stop_signal};
use jiff::Timestamp;

/// How a program says that Ctrl-C ended it: 128 and the signal's number.
const INTERRUPTED: i32 = 130;

#[tokio::main]
async fn main() -> ExitCode {
    let (stopper, stop) = stop_signal();
    tokio::spawn(listen(stopper));
    let environment = Environment {
        out: Stream::new(io::stdout()),
        err: Stream::new(io::stderr()),
        input: Mutex::new(Box::new(io::BufReader::new(io::stdin()))),
        input_tty: tty(&io::stdin()),
        out_tty: tty(&io::stdout()),
        err_tty: tty(&io::stderr()),
        columns: terminal_size::terminal_size().map(|(width, _)| width.0),
        now: Timestamp::now(),
        clock: Timestamp::now,
        // A variable that is not text is none of ours.
        variables: std::env::vars_os()
            .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
            .collect::<BTreeMap<_, _>>(),
        stop,
    };
    aws_janitor::cli::run(std::env::args_os(), &environment, &AwsBackend).await.into()
}

/// Whether a stream ends at a terminal.
fn tty(stream: &impl IsTerminal) -> Tty {
    if stream.is_terminal() { Tty::Terminal } else { Tty::Elsewhere }
}

/// Ctrl-C (and a polite kill): a run finishes its calls in flight and says how to resume it; anything
/// else only looks, and ends at once.
async fn listen(stopper: Stopper) {
    while interrupted().await {
        if !stopper.stop() {
            std::process::exit(INTERRUPTED);
        }
    }
}

/// Returns when a signal asks the program to end; `false` if none can be heard.
#[cfg(unix)]
async fn interrupted() -> bool {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return tokio::signal::ctrl_c().await.is_ok();
    };
    tokio::select! {
        heard = tokio::signal::ctrl_c() => heard.is_ok(),
        heard = terminate.recv() => heard.is_some(),
    }
}

/// Returns when Ctrl-C asks the program to end; `false` if it cannot be heard.
#[cfg(not(unix))]
async fn interrupted() -> bool {
    tokio::signal::ctrl_c().await.is_ok()
}
