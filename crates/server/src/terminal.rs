//! What the commands and the server write to standard output and standard error.

use std::io::{self, Write};

use crate::exit::Exit;

/// Writes a text and a line end to standard output.
pub(crate) fn output(text: &str) -> Exit {
    written(format!("{text}\n").as_bytes())
}

/// Writes to standard output; a closed pipe must not cause a panic.
pub(crate) fn written(bytes: &[u8]) -> Exit {
    match io::stdout().write_all(bytes) {
        Ok(()) => Exit::Success,
        Err(_) => Exit::Failure,
    }
}

/// Writes a text and a line end to standard error.
pub(crate) fn complain(text: &str) {
    // A failure of standard error has nowhere to be reported.
    drop(writeln!(io::stderr(), "{text}"));
}
