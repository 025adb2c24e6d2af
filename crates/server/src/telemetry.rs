//! Log lines: to standard error, as text or JSON.

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    io::{self, IsTerminal},
    panic::{self, PanicHookInfo},
    thread,
    time::Duration,
};

use time::format_description::well_known::Rfc3339;
use tracing::Subscriber;
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{LevelFilter, ParseError},
    fmt::MakeWriter,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use vestibule_ports::Clock;
use vestibule_system::SystemClock;

use crate::{
    config::{Log, LogFormat},
    exit::Exit,
    json_lines::{JsonLines, JsonMembers},
    log_buffer::{self, LogBuffer, LogEnd},
};

/// Logged with every filter except `off`: panics, and the number of dropped lines.
const ALWAYS: [(&str, LevelFilter); 2] =
    [(module_path!(), LevelFilter::ERROR), (log_buffer::TARGET, LevelFilter::WARN)];

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter is invalid; the configuration checks this before.
    #[error("the log filter is not valid")]
    Filter(#[from] ParseError),
    /// The thread that writes log lines cannot be started.
    #[error("the log thread cannot be started")]
    Thread(#[from] io::Error),
    /// Logging is already set up in this process.
    #[error("logging is set up already")]
    Installed(#[from] tracing_subscriber::util::TryInitError),
}

/// Sends log lines and panics of this process to standard error; to be called once, before anything is logged. Lines are
/// buffered for about 50 ms. The returned value writes them out when it is dropped, within this time.
pub fn install(log: &Log, at_most: Duration) -> Result<LogEnd, TelemetryError> {
    let (buffer, end) = LogBuffer::start(at_most)?;
    subscriber(log, buffer, io::stderr().is_terminal())?.try_init()?;
    panic::set_hook(Box::new(log_panic));
    Ok(end)
}

/// The standard library's hook writes to standard error, where a stalled reader would block the panicking thread.
pub fn log_panic(panic: &PanicHookInfo<'_>) {
    let message = panic.payload_as_str().unwrap_or("a value that is no text");
    let place = panic.location().map(ToString::to_string);
    let thread = thread::current();
    let backtrace = Backtrace::capture();
    let backtrace = (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string());
    tracing::error!(place, thread = thread.name(), backtrace, "panicked: {message}");
}

/// The subscriber that [`install`] sets, for any writer: text (coloured only on a terminal) or one JSON object a line.
pub fn subscriber<W>(
    log: &Log,
    writer: W,
    is_terminal: bool,
) -> Result<impl Subscriber + Send + Sync + 'static, TelemetryError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = filter(&log.filter)?;
    let layer = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(is_terminal);
    let is_text = log.format.map_or(is_terminal, |format| format == LogFormat::Text);
    let layer: Box<dyn Layer<Registry> + Send + Sync> = if is_text {
        layer.with_target(false).boxed()
    } else {
        layer.fmt_fields(JsonMembers).event_format(JsonLines).boxed()
    };
    Ok(tracing_subscriber::registry().with(layer).with(filter))
}

/// Whether log lines are JSON.
pub fn is_json(format: Option<LogFormat>) -> bool {
    format.map_or_else(|| !io::stderr().is_terminal(), |format| format == LogFormat::Json)
}

/// The last words of a server that cannot start, as a log line, whatever the log filter is.
pub fn last_words(format: Option<LogFormat>, message: &str, exit: Exit) -> String {
    if !is_json(format) {
        return message.to_owned();
    }
    let timestamp = SystemClock.now().format(&Rfc3339).unwrap_or_default();
    let target = "vestibule_server::serve";
    serde_json::json!({ "timestamp": timestamp, "level": "ERROR", "message": message, "exit": exit.code(), "target": target })
        .to_string()
}

fn filter(text: &str) -> Result<EnvFilter, ParseError> {
    if matches!(text.trim().parse(), Ok(LevelFilter::OFF)) {
        return EnvFilter::builder().parse(text);
    }
    let always = ALWAYS.map(|(target, level)| format!("{target}={level}")).join(",");
    // If two name the same target, the later one counts.
    EnvFilter::builder().parse(format!("{always},{text}"))
}
