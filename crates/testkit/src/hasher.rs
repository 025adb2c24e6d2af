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

/// What the hashes of the present cost begin with; after it comes the password itself.
const PRESENT: &str = "instant:";
/// What hashes of an earlier cost begin with.
const OUTDATED: &str = "outdated:";
/// What hashes of another program begin with.
const OTHER_KIND: &str = "other:";

/// Hashes by writing a word before the password, counts what it compares, and can be told to be overloaded or to hold a
/// comparison up.
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

    /// A hash of an earlier cost, to be made anew at the next sign-in.
    pub fn outdated(password: &str) -> PasswordHash {
        PasswordHash::new(format!("{OUTDATED}{password}"))
    }

    /// From now on answers `Overloaded`, or no longer.
    pub fn set_overloaded(&self, overloaded: bool) {
        self.overloaded.store(overloaded, Ordering::SeqCst);
    }

    /// How many comparisons were made, those without a hash included.
    pub fn comparisons(&self) -> usize {
        self.comparisons.begun.load(Ordering::SeqCst)
    }

    /// From now on no comparison ends, or all that are held up do.
    pub fn hold(&self, held: bool) {
        self.comparisons.held.store(held, Ordering::SeqCst);
    }

    /// Waits until so many comparisons have begun.
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

/// Gives the other futures of the task a turn.
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
