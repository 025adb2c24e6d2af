//! Whether the server's disk has room. The server reveals that only to a write that needs more space. So a write is tried
//! from time to time, and a write refused for lack of space counts too.

use std::{
    sync::{Mutex as Lock, PoisonError},
    time::{Duration, Instant},
};

use sqlx::{Error, Executor};
use tokio::sync::Mutex;

use crate::{errors::is_out_of_room, pool::Lease};

/// Takes 256 KiB where the tables are stored and frees them at once.
const TRY: &str =
    "CREATE TEMPORARY TABLE vestibule_room ON COMMIT DROP AS SELECT repeat('x', 1900) FROM generate_series(1, 128)";
/// How often this is tried while nothing hints at a full disk.
const QUIET: Duration = Duration::from_secs(15);
/// How long the disk counts as full after a write or a try was refused.
const REFUSED: Duration = Duration::from_secs(3);

/// What is known about the room on the server's disk.
#[derive(Debug, Default)]
pub(crate) struct Room {
    /// When a write was last refused for lack of space.
    refused: Lock<Option<Instant>>,
    /// When it was last tried, with the result. One task tries at a time.
    found: Mutex<Option<Instant>>,
}

impl Room {
    /// Notes the outcome of a write.
    pub(crate) fn note(&self, error: &Error) {
        if is_out_of_room(error) {
            *self.refused() = Some(Instant::now());
        }
    }

    /// Whether there is room, as far as is known; tries it if that was long ago.
    pub(crate) async fn is_there(&self, lease: &mut Lease) -> bool {
        let refused = *self.refused();
        if refused.is_some_and(|refused| refused.elapsed() < REFUSED) {
            return false;
        }
        // A caller does not wait for the disk while another one tries.
        let Ok(mut found) = self.found.try_lock() else { return true };
        let is_doubtful = refused.is_some_and(|refused| found.is_none_or(|found| found < refused));
        if !is_doubtful && found.is_some_and(|found| found.elapsed() < QUIET) {
            return true;
        }
        match lease.execute(TRY).await {
            Err(error) if is_out_of_room(&error) => {
                *self.refused() = Some(Instant::now());
                false
            }
            // Any other failure says nothing about the disk.
            Ok(_) | Err(_) => {
                *found = Some(Instant::now());
                true
            }
        }
    }

    fn refused(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
