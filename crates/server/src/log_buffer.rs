//! Standard error behind a buffer: a line a request would otherwise cost each request a system call.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use tracing_subscriber::fmt::MakeWriter;

/// How long a line may wait.
const INTERVAL: Duration = Duration::from_millis(50);
/// From how many bytes on whoever writes a line also empties the buffer, so that it cannot grow without bound.
const FULL: usize = 64 * 1024;

/// Collects log lines and writes them out together, twenty times a second.
#[derive(Clone, Default)]
pub struct LogBuffer(Arc<Mutex<Vec<u8>>>);

impl LogBuffer {
    /// Starts the thread that empties the buffer.
    pub fn start() -> io::Result<Self> {
        let buffer = Self::default();
        let emptied = buffer.clone();
        thread::Builder::new().name("log".to_owned()).spawn(move || {
            loop {
                thread::sleep(INTERVAL);
                emptied.flush();
            }
        })?;
        Ok(buffer)
    }

    /// Writes out what waits; the last thing that the process does.
    pub fn flush(&self) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Self::empty(&mut lines);
    }

    /// Lines keep their order because the lock is held meanwhile. There is nowhere to say that standard error failed.
    fn empty(lines: &mut Vec<u8>) {
        if !lines.is_empty() {
            drop(io::stderr().write_all(lines));
            lines.clear();
        }
    }
}

impl Write for LogBuffer {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.extend_from_slice(line);
        if lines.len() >= FULL {
            Self::empty(&mut lines);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogBuffer {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
