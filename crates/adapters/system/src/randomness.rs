//! The randomness of the operating system.

use std::{
    io::{self, Write},
    sync::mpsc,
    thread,
    time::Duration,
};

use vestibule_ports::Randomness;

/// How long the end waits for standard error.
const AT_MOST: Duration = Duration::from_secs(1);

/// Random bytes from the operating system (`getrandom` on Linux).
///
/// If it has none the process ends at once: there is no safe way on, since a guessable code or token would be worse
/// than no server, and a caught panic would let the next request try.
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

/// Writes to standard error from a thread of its own: a stalled reader must not delay the end.
fn complain(text: String) {
    let (written, is_written) = mpsc::channel();
    let writing = thread::Builder::new().spawn(move || drop(written.send(io::stderr().write_all(text.as_bytes()))));
    if writing.is_ok() {
        // There is nowhere to say that standard error failed.
        drop(is_written.recv_timeout(AT_MOST));
    }
}
