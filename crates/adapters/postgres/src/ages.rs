//! How long pooled connections are trusted.

use std::time::Duration;

/// How long connections are trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ages {
    /// A connection idle for longer is tested before use: a middlebox may have dropped it.
    pub untested: Duration,
    /// How long a connection to a server that took no writes when it was opened is used. Reads continue, and once the
    /// primary is reachable again, they lag behind it hardly longer than this.
    pub read_only: Duration,
}

/// 30 s untested, 1 s read-only.
impl Default for Ages {
    fn default() -> Self {
        Self { untested: Duration::from_secs(30), read_only: Duration::from_secs(1) }
    }
}
