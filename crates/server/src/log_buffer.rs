//! Standard error behind a buffer: a line a request would otherwise cost each request a system call.

use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
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
pub struct LogBuffer(Arc<Buffers>);

/// Lines are collected in one while those before them are written out of the other: nobody who logs waits for that, but
/// for whoever fills the first meanwhile.
#[derive(Default)]
struct Buffers {
    collected: Mutex<Vec<u8>>,
    written: Mutex<Vec<u8>>,
}

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
        // Taken first and held to the end, so that lines keep their order.
        let mut written = lock(&self.0.written);
        mem::swap(&mut *written, &mut *lock(&self.0.collected));
        if !written.is_empty() {
            // There is nowhere to say that standard error failed.
            drop(io::stderr().write_all(&written));
            written.clear();
        }
    }
}

fn lock(buffer: &Mutex<Vec<u8>>) -> MutexGuard<'_, Vec<u8>> {
    buffer.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Write for LogBuffer {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let length = {
            let mut collected = lock(&self.0.collected);
            collected.extend_from_slice(line);
            collected.len()
        };
        if length >= FULL {
            Self::flush(self);
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
