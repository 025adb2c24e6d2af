//! Log lines: to standard error, as text or JSON.

use std::io::{self, IsTerminal};

use tracing::Subscriber;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    config::{Log, LogFormat},
    json_lines::{JsonLines, JsonMembers},
    log_buffer::LogBuffer,
};

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter cannot be read; configuration checks this before.
    #[error("the log filter is not valid")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The thread that writes log lines cannot be started.
    #[error("the log thread cannot be started")]
    Thread(#[from] io::Error),
    /// Somebody else has set up logging in this process.
    #[error("logging is set up already")]
    Installed(#[from] tracing_subscriber::util::TryInitError),
}

/// Sends the log lines of this process to standard error; to be called once, before anything is logged. Off a terminal
/// they wait in the returned buffer for at most 50 ms: whoever ends the process flushes it.
pub fn install(log: &Log) -> Result<LogBuffer, TelemetryError> {
    let buffer = LogBuffer::start()?;
    if io::stderr().is_terminal() {
        subscriber(log, io::stderr, true)?.try_init()?;
    } else {
        subscriber(log, buffer.clone(), false)?.try_init()?;
    }
    Ok(buffer)
}

/// What [`install`] installs, for any writer: text (coloured only on a terminal) or one JSON object a line.
pub fn subscriber<W>(
    log: &Log,
    writer: W,
    is_terminal: bool,
) -> Result<impl Subscriber + Send + Sync + 'static, TelemetryError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = EnvFilter::builder().parse(&log.filter)?;
    let layer = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(is_terminal);
    let is_text = log.format.map_or(is_terminal, |format| format == LogFormat::Text);
    let layer: Box<dyn Layer<Registry> + Send + Sync> = if is_text {
        layer.with_target(false).boxed()
    } else {
        layer.fmt_fields(JsonMembers).event_format(JsonLines).boxed()
    };
    Ok(tracing_subscriber::registry().with(layer).with(filter))
}
