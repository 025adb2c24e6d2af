//! Uploads that are under way on this node: each costs a file and room on a disk.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use vestibule_domain::AccountId;

use crate::Fault;

const MOST: usize = 64;
const MOST_OF_ACCOUNT: usize = 4;
/// After how many seconds one that is refused may be tried again.
const RETRY_AFTER: u64 = 1;

type Counts = HashMap<AccountId, usize>;

/// How many uploads each account has under way.
#[derive(Clone, Default)]
pub(super) struct UnderWay(Arc<Mutex<Counts>>);

/// An upload that is under way until this is dropped.
pub(super) struct Turn {
    under_way: UnderWay,
    account: AccountId,
}

impl UnderWay {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets an account begin an upload, unless it, or all together, have too many.
    pub(super) fn begin(&self, account: AccountId) -> Result<Turn, Fault> {
        let mut counts = self.counts();
        if counts.get(&account).is_some_and(|count| *count >= MOST_OF_ACCOUNT) {
            return Err(Fault::Throttled { retry_after: RETRY_AFTER });
        }
        if counts.values().sum::<usize>() >= MOST {
            return Err(Fault::overloaded("too many uploads are under way"));
        }
        *counts.entry(account).or_default() += 1;
        Ok(Turn { under_way: self.clone(), account })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut counts = self.under_way.counts();
        if let Some(count) = counts.get_mut(&self.account) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.account);
            }
        }
    }
}
