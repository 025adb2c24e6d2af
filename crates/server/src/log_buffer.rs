//! Standard error behind a bounded buffer, so that no request waits for the reader of the log.
//!
//! Only the log thread writes. While the reader stalls, lines are buffered up to a limit; further ones are dropped and
//! counted. One write for many lines also saves each request a system call.

use std::{
    fs::File,
    io::{self, ErrorKind, Write},
    mem,
    os::fd::AsFd,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use tracing_subscriber::fmt::MakeWriter;

use crate::metrics::count_dropped_log_line;

/// The target of the line about dropped lines.
pub(crate) const TARGET: &str = module_path!();

/// How long a line may be buffered while the reader keeps up, and the pause after a failed write.
const INTERVAL: Duration = Duration::from_millis(50);
/// The size in bytes from which lines are written at once.
const FULL: usize = 64 * 1024;
/// The most bytes of buffered lines. The log thread may hold as many: 1 MiB in all.
const CAPACITY: usize = 512 * 1024;
/// A pipe takes a write of this size whole or not at all (`PIPE_BUF` of Linux).
const ATOMIC: usize = 4096;

/// Buffers log lines, one per call of `write`, and never blocks.
#[derive(Clone)]
pub struct LogBuffer(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// Wakes the log thread.
    changed: Condvar,
    /// Signals that the log thread has ended.
    ended: Condvar,
}

struct State {
    /// Never grows beyond its initial capacity.
    lines: Vec<u8>,
    /// How many lines were dropped after those.
    dropped: u64,
    is_ending: bool,
    has_ended: bool,
}

impl State {
    const fn is_idle(&self) -> bool {
        self.lines.is_empty() && self.dropped == 0
    }
}

/// When dropped, writes out the buffer and ends the log, within a time limit.
pub struct LogEnd {
    buffer: LogBuffer,
    at_most: Duration,
}

impl LogBuffer {
    /// Starts the log thread, which writes to standard error. Within this time after the returned end is dropped, the last
    /// line is written.
    pub fn start(at_most: Duration) -> io::Result<(Self, LogEnd)> {
        // A descriptor of its own: a blocked write must not hold the standard library's lock.
        let stderr = File::from(io::stderr().as_fd().try_clone_to_owned()?);
        Self::start_on(stderr, at_most)
    }

    fn start_on(out: impl Write + Send + 'static, at_most: Duration) -> io::Result<(Self, LogEnd)> {
        let state = State { lines: Vec::with_capacity(CAPACITY), dropped: 0, is_ending: false, has_ended: false };
        let shared = Shared { state: Mutex::new(state), changed: Condvar::new(), ended: Condvar::new() };
        let buffer = Self(Arc::new(shared));
        let written = Arc::clone(&buffer.0);
        thread::Builder::new().name("log".to_owned()).spawn(move || written.write_out(out))?;
        Ok((buffer.clone(), LogEnd { buffer, at_most }))
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Buffers a line, or counts it as dropped.
    fn push(&self, line: &[u8]) {
        let mut state = self.state();
        // After a dropped line all are dropped until the buffer is emptied, so that there is one gap.
        let is_dropped = state.dropped > 0 || state.lines.len() + line.len() > CAPACITY;
        let wakes = if is_dropped {
            state.dropped += 1;
            state.dropped == 1
        } else {
            let before = state.lines.len();
            state.lines.extend_from_slice(line);
            before == 0 || (before < FULL && state.lines.len() >= FULL)
        };
        drop(state);
        if wakes {
            self.changed.notify_one();
        }
        if is_dropped {
            count_dropped_log_line();
        }
    }

    /// Swaps the buffered lines for an empty buffer; returns how many lines were dropped after them. None at the end.
    fn take(&self, lines: &mut Vec<u8>) -> Option<u64> {
        let waits = |state: &mut State| state.is_idle() && !state.is_ending;
        let state = self.changed.wait_while(self.state(), waits).unwrap_or_else(PoisonError::into_inner);
        if state.is_idle() {
            return None;
        }
        let waits = |state: &mut State| state.lines.len() < FULL && state.dropped == 0 && !state.is_ending;
        let (mut state, _) =
            self.changed.wait_timeout_while(state, INTERVAL, waits).unwrap_or_else(PoisonError::into_inner);
        mem::swap(&mut state.lines, lines);
        Some(mem::take(&mut state.dropped))
    }

    /// The log thread.
    fn write_out(&self, mut out: impl Write) {
        let mut lines = Vec::with_capacity(CAPACITY);
        while let Some(dropped) = self.take(&mut lines) {
            if dropped > 0 {
                // The first line after the gap.
                tracing::warn!(lines = dropped, "log lines were dropped: the reader of standard error was too slow");
            }
            if !self.write_lines(&mut out, &lines) {
                break;
            }
            lines.clear();
        }
        self.state().has_ended = true;
        self.ended.notify_all();
    }

    /// Writes whole lines at a time, so that the end of the process never tears a line that a blocked pipe has not taken.
    /// False if they cannot be written before the end.
    fn write_lines(&self, out: &mut impl Write, mut lines: &[u8]) -> bool {
        while !lines.is_empty() {
            match out.write(&lines[..piece(lines)]) {
                Ok(written) if written > 0 => lines = &lines[written..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // A full disk, a closed pipe, or one that another process made non-blocking: treated like a slow reader.
                Err(error) if error.kind() != ErrorKind::WouldBlock && self.state().is_ending => return false,
                Ok(_) | Err(_) => thread::sleep(INTERVAL),
            }
        }
        true
    }
}

/// How many bytes to write at once: the lines that a pipe takes whole, or one longer line.
fn piece(lines: &[u8]) -> usize {
    let is_end = |byte: &u8| *byte == b'\n';
    let atomic = lines.iter().take(ATOMIC).rposition(is_end);
    atomic.or_else(|| lines.iter().position(is_end)).map_or(lines.len(), |at| at + 1)
}

impl LogEnd {
    /// Makes a plain text the last line of the log.
    pub fn say(&self, text: &str) {
        self.buffer.0.push(format!("{text}\n").as_bytes());
    }
}

impl Drop for LogEnd {
    fn drop(&mut self) {
        let shared = &self.buffer.0;
        let mut state = shared.state();
        state.is_ending = true;
        shared.changed.notify_all();
        // A blocked log thread ends with the process.
        drop(shared.ended.wait_timeout_while(state, self.at_most, |state| !state.has_ended));
    }
}

impl Write for LogBuffer {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.push(line);
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

#[cfg(test)]
mod tests {
    use std::{
        io::{self, ErrorKind, Write},
        sync::{Arc, Mutex},
        time::Duration,
    };

    use super::{CAPACITY, LogBuffer, piece};

    /// Takes three bytes at a time, and fails each second time.
    #[derive(Clone, Default)]
    struct Hesitant(Arc<Mutex<(Vec<u8>, u32)>>);

    impl Write for Hesitant {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let (taken, calls) = &mut *self.0.lock().unwrap();
            *calls += 1;
            match *calls % 4 {
                0 => Err(ErrorKind::WouldBlock.into()),
                2 => Err(ErrorKind::Interrupted.into()),
                _ => {
                    let some = &bytes[..bytes.len().min(3)];
                    taken.extend_from_slice(some);
                    Ok(some.len())
                }
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_is_taken_in_parts_is_written_once_and_in_order() {
        let out = Hesitant::default();
        let (mut buffer, end) = LogBuffer::start_on(out.clone(), Duration::from_secs(20)).unwrap();
        for line in ["first\n", "second\n"] {
            buffer.write_all(line.as_bytes()).unwrap();
        }
        end.say("third");
        drop(end);
        assert_eq!(out.0.lock().unwrap().0, b"first\nsecond\nthird\n");
    }

    #[test]
    fn a_piece_is_whole_lines_that_a_pipe_takes_at_once_or_one_longer_line() {
        assert_eq!(piece(b"one\ntwo\n"), 8);
        let long = format!("{}\nnext\n", "x".repeat(5000));
        assert_eq!(piece(long.as_bytes()), 5001);
        let many = "a line of nine\n".repeat(1000);
        assert_eq!(piece(many.as_bytes()), 4095);
    }

    #[test]
    fn a_line_that_is_larger_than_the_buffer_is_dropped() {
        let out = Hesitant::default();
        let (mut buffer, end) = LogBuffer::start_on(out.clone(), Duration::from_secs(20)).unwrap();
        buffer.write_all(&vec![b'x'; CAPACITY + 1]).unwrap();
        drop(end);
        assert!(out.0.lock().unwrap().0.is_empty());
    }

    /// Fails permanently.
    struct Closed;

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_end_does_not_wait_for_a_reader_that_has_gone() {
        let (mut buffer, end) = LogBuffer::start_on(Closed, Duration::from_mins(10)).unwrap();
        buffer.write_all(b"lost\n").unwrap();
        drop(end);
    }
}
