//! Progress of a long command, for a person at a terminal.

use std::io::{self, IsTerminal, Write};

/// One line on standard error that is rewritten each time, if that is a terminal.
pub(super) struct Progress {
    verb: &'static str,
    is_shown: bool,
    is_begun: bool,
}

impl Progress {
    /// Shows nothing where the same terminal shows the export.
    pub(super) fn new(verb: &'static str, writes_output: bool) -> Self {
        let is_shown = io::stderr().is_terminal() && !(writes_output && io::stdout().is_terminal());
        Self { verb, is_shown, is_begun: false }
    }

    pub(super) fn show(&mut self, done: u64, total: u64) {
        if self.is_shown {
            self.is_begun = true;
            // A progress line that cannot be written is no loss.
            drop(write!(io::stderr(), "\r{} {done} of {total} records", self.verb));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_begun {
            drop(writeln!(io::stderr()));
        }
    }
}
