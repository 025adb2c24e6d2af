//! The threads that read large bodies.
//!
//! Megabytes of JSON and base64 take tens of milliseconds, for which every other request of an async thread would wait; and on
//! a thread of the runtime's own they would take as much of a core as the requests beside them.

use std::{io, sync::Arc};

use tokio::sync::OnceCell;
use vestibule_background::{Pool, Turns};

use super::{body::BodyError, gate};

/// How many bodies are read at once.
const AT_ONCE: usize = 2;

/// The readers of one process, started by its first large body; cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Readers(Arc<OnceCell<Pool>>);

impl Readers {
    /// Runs `read` as soon as a reader is free. Bodies wait as long as for room, of which each has its own.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        read: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, BodyError> {
        let start = || async { Pool::start("bodies", Turns::new(AT_ONCE, usize::MAX, gate::WAIT)) };
        let pool = self.0.get_or_try_init(start).await.map_err(|error: io::Error| {
            tracing::error!(%error, "no thread can be started to read large bodies");
            BodyError::Overloaded
        })?;
        // The log has why a job was lost.
        pool.run(read).await.map_err(|_| BodyError::Overloaded)
    }
}
