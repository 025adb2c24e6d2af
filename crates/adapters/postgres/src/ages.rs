//! How long connections of the pool are relied on.

use std::time::Duration;

/// How long connections are relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ages {
    /// A connection unused for longer is tested before use: something between us and the server may have dropped it.
    pub untested: Duration,
    /// A connection to a server that took no writes when it was opened serves for so long. Reads go on, and what they
    /// read lags behind the server that takes writes hardly longer than that once it can be reached.
    pub read_only: Duration,
}

/// 30 s untested, 1 s read-only.
impl Default for Ages {
    fn default() -> Self {
        Self { untested: Duration::from_secs(30), read_only: Duration::from_secs(1) }
    }
}
