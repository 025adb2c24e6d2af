//! The randomness of the operating system.

use std::{
    io::{self, Write},
    sync::mpsc,
    thread,
    time::Duration,
};

use vestibule_ports::Randomness;

/// How long the exit waits for standard error.
const AT_MOST: Duration = Duration::from_secs(1);

/// Random bytes from the operating system (`getrandom` on Linux).
///
/// If it has none, the process exits at once: a guessable code or token would be worse than no server, and after a caught
/// panic the next request would try again.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsRandomness;

impl Randomness for OsRandomness {
    #[expect(clippy::disallowed_methods, reason = "this is the one place where random bytes enter")]
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            complain(format!("vestibule: the operating system gives no random bytes ({error}); ending at once\n"));
            std::process::abort();
        }
    }
}

/// Writes to standard error on its own thread: a stalled reader must not delay the exit.
fn complain(text: String) {
    let (written, is_written) = mpsc::channel();
    let writing = thread::Builder::new().spawn(move || drop(written.send(io::stderr().write_all(text.as_bytes()))));
    if writing.is_ok() {
        // A failure of standard error has nowhere to be reported.
        drop(is_written.recv_timeout(AT_MOST));
    }
}
