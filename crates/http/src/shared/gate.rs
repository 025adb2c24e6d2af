//! How much of large bodies is in memory at once.
//!
//! A body with pictures may have megabytes, and many may come at once. Each waits, still unread, until there is room for all
//! of it; what it took is free again when the work with it is done. One source has no more than a share of the room for bodies
//! that are still on their way, so that a few slow senders do not keep out all others.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use actix_web::rt::time::timeout;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use vestibule_domain::Source;

use super::body::BodyError;

/// What is counted in.
const UNIT_BYTES: usize = 1_024;
/// How much is in memory at once.
const ROOM_BYTES: usize = 32 * 1_024 * 1_024;
/// How much of it has one source for what is not whole yet; a body of more has all of that.
const SHARE_BYTES: usize = ROOM_BYTES / 4;
/// What needs no room.
const SMALL_BYTES: usize = 100 * 1_024;
/// How long a body waits.
pub(crate) const WAIT: Duration = Duration::from_secs(10);

/// The room of one process for large bodies; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    room: Arc<Semaphore>,
    shares: Arc<Mutex<HashMap<Source, Weak<Semaphore>>>>,
}

/// The room that a body has. It is free again when this is dropped.
#[derive(Debug, Default)]
#[must_use = "the room is free again as soon as this is dropped"]
pub(crate) struct Admission {
    _room: Option<OwnedSemaphorePermit>,
    share: Option<OwnedSemaphorePermit>,
}

impl Admission {
    /// Tells that the body is read: the next one of its source may come.
    pub(crate) fn body_is_whole(&mut self) {
        self.share = None;
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self { room: Arc::new(Semaphore::new(ROOM_BYTES / UNIT_BYTES)), shares: Arc::default() }
    }
}

impl Gate {
    /// Waits for room for a body of at most so many bytes, in the order of arrival.
    pub(crate) async fn admit(&self, source: Source, bytes: usize) -> Result<Admission, BodyError> {
        if bytes <= SMALL_BYTES {
            return Ok(Admission::default());
        }
        let waiting = async {
            // The share first: what waits for it is in the way of no other source.
            let share = self.share_of(source).acquire_many_owned(units(bytes.min(SHARE_BYTES))).await?;
            let room = Arc::clone(&self.room).acquire_many_owned(units(bytes.min(ROOM_BYTES))).await?;
            Ok::<_, AcquireError>(Admission { _room: Some(room), share: Some(share) })
        };
        match timeout(WAIT, waiting).await {
            Ok(Ok(admission)) => Ok(admission),
            // Neither is ever closed.
            Ok(Err(_)) | Err(_) => Err(BodyError::Overloaded),
        }
    }

    /// It is forgotten when no body has it or waits for it.
    fn share_of(&self, source: Source) -> Arc<Semaphore> {
        // No other code runs under the lock, so a poisoned one is still whole.
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = shares.get(&source).and_then(Weak::upgrade) {
            return share;
        }
        shares.retain(|_, share| share.strong_count() > 0);
        let share = Arc::new(Semaphore::new(SHARE_BYTES / UNIT_BYTES));
        shares.insert(source, Arc::downgrade(&share));
        share
    }
}

fn units(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT_BYTES)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const MIB: usize = 1_024 * 1_024;

    fn source(number: u8) -> Source {
        Source::new(Ipv4Addr::new(192, 0, 2, number).into())
    }

    #[tokio::test(start_paused = true)]
    async fn bodies_wait_until_there_is_room() {
        let gate = Gate::default();
        let mut held = Vec::new();
        for number in 0..4 {
            held.push(gate.admit(source(number), 8 * MIB).await.unwrap());
        }
        assert!(matches!(gate.admit(source(4), 100 * 1_024 + 1).await, Err(BodyError::Overloaded)));
        assert!(gate.admit(source(4), 100 * 1_024).await.is_ok(), "a small one needs no room");
        held.pop();
        assert!(gate.admit(source(4), 8 * MIB).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_large_body_is_not_passed_over_for_small_ones() {
        let gate = Gate::default();
        let held = gate.admit(source(1), 32 * MIB).await.unwrap();
        let large = gate.admit(source(2), 30 * MIB);
        let small = async {
            tokio::task::yield_now().await;
            gate.admit(source(3), 4 * MIB).await
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
        let held = gate.admit(source(1), 100 * MIB).await.unwrap();
        assert!(gate.admit(source(2), MIB).await.is_err());
        drop(held);
        assert!(gate.admit(source(2), MIB).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn one_source_has_a_share_until_its_bodies_are_whole() {
        let gate = Gate::default();
        let mut held = gate.admit(source(1), 6 * MIB).await.unwrap();
        let other = gate.admit(source(1), 2 * MIB).await.unwrap();
        assert!(matches!(gate.admit(source(1), MIB).await, Err(BodyError::Overloaded)));
        assert!(gate.admit(source(2), 8 * MIB).await.is_ok(), "another source");
        held.body_is_whole();
        let next = gate.admit(source(1), 6 * MIB).await.unwrap();
        drop((other, next));
        // The room of the first is not free: it is worked with.
        assert!(matches!(gate.admit(source(2), 27 * MIB).await, Err(BodyError::Overloaded)));
        drop(held);
        assert!(gate.admit(source(2), 27 * MIB).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_for_a_share_takes_no_room_and_leaves_nothing() {
        let gate = Gate::default();
        let held = gate.admit(source(1), 8 * MIB).await.unwrap();
        let waiting = gate.admit(source(1), 8 * MIB);
        let others = async {
            for number in 2..5 {
                drop(gate.admit(source(number), 24 * MIB).await.unwrap());
            }
        };
        let (waiting, ()) = tokio::join!(waiting, others);
        assert!(waiting.is_err());
        drop(held);
        drop(gate.admit(source(9), MIB).await.unwrap());
        assert_eq!(gate.shares.lock().unwrap().len(), 1, "the others are forgotten");
    }
}
