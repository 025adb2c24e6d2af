//! How much of large bodies is in memory at once.
//!
//! A body with pictures may have megabytes, and many may come at once. Each waits, still unread, until there is room for all
//! of it; what it took is free again when the work with it is done.

use std::{sync::Arc, time::Duration};

use actix_web::rt::time::timeout;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::body::BodyError;

/// What is counted in.
const UNIT_BYTES: usize = 1_024;
/// How much is in memory at once.
const ROOM_BYTES: usize = 32 * 1_024 * 1_024;
/// What needs no room.
const SMALL_BYTES: usize = 100 * 1_024;
/// How long a body waits.
pub(crate) const WAIT: Duration = Duration::from_secs(10);

/// The room of one process for large bodies; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Gate(Arc<Semaphore>);

/// The room that a body has. It is free again when this is dropped.
#[derive(Debug)]
#[must_use = "the room is free again as soon as this is dropped"]
pub(crate) struct Admission {
    _room: Option<OwnedSemaphorePermit>,
}

impl Default for Gate {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(ROOM_BYTES / UNIT_BYTES)))
    }
}

impl Gate {
    /// Waits for room for a body of at most so many bytes, in the order of arrival.
    pub(crate) async fn admit(&self, bytes: usize) -> Result<Admission, BodyError> {
        if bytes <= SMALL_BYTES {
            return Ok(Admission { _room: None });
        }
        let units = u32::try_from(bytes.min(ROOM_BYTES).div_ceil(UNIT_BYTES)).unwrap_or(u32::MAX);
        match timeout(WAIT, Arc::clone(&self.0).acquire_many_owned(units)).await {
            Ok(Ok(room)) => Ok(Admission { _room: Some(room) }),
            // It is never closed.
            Ok(Err(_)) | Err(_) => Err(BodyError::Overloaded),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1_024 * 1_024;

    #[tokio::test(start_paused = true)]
    async fn bodies_wait_until_there_is_room() {
        let gate = Gate::default();
        let mut held = Vec::new();
        for _ in 0..4 {
            held.push(gate.admit(8 * MIB).await.unwrap());
        }
        assert!(matches!(gate.admit(100 * 1_024 + 1).await, Err(BodyError::Overloaded)));
        assert!(gate.admit(100 * 1_024).await.is_ok(), "a small one needs no room");
        held.pop();
        assert!(gate.admit(8 * MIB).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_large_body_is_not_passed_over_for_small_ones() {
        let gate = Gate::default();
        let held = gate.admit(32 * MIB).await.unwrap();
        let large = gate.admit(30 * MIB);
        let small = async {
            tokio::task::yield_now().await;
            gate.admit(4 * MIB).await
        };
        let free = async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            drop(held);
        };
        let (large, small, ()) = tokio::join!(large, small, free);
        assert!(large.is_ok() && small.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_of_more_than_all_room_has_it_alone() {
        let gate = Gate::default();
        let held = gate.admit(100 * MIB).await.unwrap();
        assert!(gate.admit(MIB).await.is_err());
        drop(held);
        assert!(gate.admit(MIB).await.is_ok());
    }
}
