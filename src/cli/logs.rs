//! The log: writes to stderr what `-vv` asks for, as text or as JSON. Set up once, before the command runs.

use std::io;

use tracing_subscriber::fmt::MakeWriter;

use super::args::{LogFormat, MessageArgs};
use super::context::Stream;
use crate::report::plain;

/// Starts the log of this process. A second start (tests run many commands in one process) changes nothing.
pub(super) fn start(messages: &MessageArgs, err: &Stream) {
    let level = match (messages.quiet, messages.verbose) {
        (true, _) => "error",
        // The SDK warns of each place where it looked for credentials in vain.
        (false, 0 | 1) => "error,aws_janitor=warn",
        (false, 2) => "warn,aws_janitor=debug",
        (false, _) => "info,aws_janitor=trace,aws_config=debug,aws_smithy_runtime=debug",
    };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(level))
        .with_ansi(false)
        .with_writer(LogWriters(err.clone()));
    drop(match messages.log_format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    });
}

struct LogWriters(Stream);

impl<'a> MakeWriter<'a> for LogWriters {
    type Writer = LogWriter;
    fn make_writer(&'a self) -> LogWriter {
        LogWriter(self.0.clone())
    }
}

struct LogWriter(Stream);

impl io::Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // An event comes whole, with its line's end: whatever it quotes, it stays one line.
        let text = String::from_utf8_lossy(bytes);
        let (line, end) = text.strip_suffix('\n').map_or((&*text, ""), |line| (line, "\n"));
        self.0.write(&(plain(line) + end)).map(|()| bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
