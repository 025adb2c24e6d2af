//! The randomness of the operating system.

use vestibule_ports::Randomness;

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
            eprintln!("vestibule: the operating system gives no random bytes ({error}); ending at once");
            std::process::abort();
        }
    }
}
