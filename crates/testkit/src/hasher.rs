//! A hasher that takes no time.

use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::Poll,
};

use async_trait::async_trait;
use vestibule_domain::{NewPassword, PasswordHash};
use vestibule_ports::{HashError, HashTurn, PasswordHasher, PasswordMatch};

/// The prefix of hashes with the present cost; the password itself follows.
const PRESENT: &str = "instant:";
/// The prefix of hashes with an earlier cost.
const OUTDATED: &str = "outdated:";
/// The prefix of hashes by another program.
const OTHER_KIND: &str = "other:";

/// Hashes by putting a word before the password, counts comparisons, and can simulate overload or a stalled comparison.
#[derive(Debug, Default)]
pub struct InstantHasher {
    overloaded: AtomicBool,
    comparisons: Arc<Comparisons>,
}

#[derive(Debug, Default)]
struct Comparisons {
    begun: AtomicUsize,
    held: AtomicBool,
}

impl InstantHasher {
    /// A hash that no password can be compared with.
    pub fn of_another_kind() -> PasswordHash {
        PasswordHash::new(format!("{OTHER_KIND}of another program"))
    }

    /// A hash with an earlier cost, to be rehashed at the next sign-in.
    pub fn outdated(password: &str) -> PasswordHash {
        PasswordHash::new(format!("{OUTDATED}{password}"))
    }

    /// From now on answers `Overloaded`, or no longer does.
    pub fn set_overloaded(&self, overloaded: bool) {
        self.overloaded.store(overloaded, Ordering::SeqCst);
    }

    /// How many comparisons were made, including those without a hash.
    pub fn comparisons(&self) -> usize {
        self.comparisons.begun.load(Ordering::SeqCst)
    }

    /// From now on comparisons stall; or all stalled ones end.
    pub fn hold(&self, held: bool) {
        self.comparisons.held.store(held, Ordering::SeqCst);
    }

    /// Waits until this many comparisons have begun.
    pub async fn begun(&self, comparisons: usize) {
        while self.comparisons() < comparisons {
            let_others_run().await;
        }
    }

    fn admit(&self) -> Result<(), HashError> {
        if self.overloaded.load(Ordering::SeqCst) { Err(HashError::Overloaded) } else { Ok(()) }
    }
}

#[async_trait]
impl PasswordHasher for InstantHasher {
    async fn hash(&self, password: &NewPassword) -> Result<PasswordHash, HashError> {
        self.admit()?;
        Ok(PasswordHash::new(format!("{PRESENT}{}", password.expose())))
    }

    async fn reserve(&self) -> Result<Box<dyn HashTurn>, HashError> {
        self.admit()?;
        Ok(Box::new(InstantTurn { comparisons: Arc::clone(&self.comparisons) }))
    }

    fn queued(&self) -> usize {
        0
    }
}

struct InstantTurn {
    comparisons: Arc<Comparisons>,
}

#[async_trait]
impl HashTurn for InstantTurn {
    async fn verify(self: Box<Self>, candidate: &str, hash: Option<PasswordHash>) -> Result<PasswordMatch, HashError> {
        self.comparisons.begun.fetch_add(1, Ordering::SeqCst);
        while self.comparisons.held.load(Ordering::SeqCst) {
            let_others_run().await;
        }
        let Some(hash) = hash else { return Ok(PasswordMatch::Wrong) };
        let hash = hash.expose();
        Ok(if hash.strip_prefix(PRESENT) == Some(candidate) {
            PasswordMatch::Right
        } else if hash.strip_prefix(OUTDATED) == Some(candidate) {
            PasswordMatch::Outdated
        } else if hash.starts_with(OTHER_KIND) {
            PasswordMatch::Unusable("it is of another kind")
        } else {
            PasswordMatch::Wrong
        })
    }
}

/// Lets the other futures of the task run.
async fn let_others_run() {
    let mut had_turn = false;
    poll_fn(|context| {
        if std::mem::replace(&mut had_turn, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
