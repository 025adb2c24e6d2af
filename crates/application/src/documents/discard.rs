//! Blobs to which nothing refers any more, to be removed soon.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;
use vestibule_domain::{AccountId, Dossier, dossier::BlobName};

use super::Documents;
use crate::{Fault, fault::chain};

/// How many names wait at most; the sweep finds what has no room.
const ROOM: usize = 1_000;
/// How many blobs are removed at once.
const AT_ONCE: usize = 100;

/// The names that wait, on this node.
#[derive(Clone, Default)]
pub(crate) struct Discarded(Arc<Waiting>);

#[derive(Default)]
struct Waiting {
    names: Mutex<VecDeque<BlobName>>,
    added: Notify,
}

/// Discards a blob when it is dropped, unless it was kept: so an upload that fails, or whose future is dropped, leaves none.
pub(crate) struct Orphan {
    discarded: Discarded,
    name: Option<BlobName>,
}

impl Discarded {
    fn names(&self) -> MutexGuard<'_, VecDeque<BlobName>> {
        self.0.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Discards blobs to which nothing that is committed refers.
    pub(crate) fn push(&self, blobs: impl IntoIterator<Item = BlobName>) {
        let mut names = self.names();
        let before = names.len();
        let room = ROOM - before;
        names.extend(blobs.into_iter().take(room));
        if names.len() > before {
            self.0.added.notify_one();
        }
    }

    /// A blob that is discarded unless it is kept.
    pub(super) fn unless_kept(&self, name: BlobName) -> Orphan {
        Orphan { discarded: self.clone(), name: Some(name) }
    }
}

impl Orphan {
    /// Leaves the blob alone.
    pub(super) fn keep(mut self) {
        self.name = None;
    }
}

impl Drop for Orphan {
    fn drop(&mut self) {
        self.discarded.push(self.name.take());
    }
}

impl Documents {
    /// Waits until there is something to remove.
    pub async fn discarded(&self) {
        self.core.discarded.0.added.notified().await;
    }

    /// Removes the blobs that were discarded on this node. What fails is left to the sweep.
    pub async fn remove_discarded(&self) -> Result<(), Fault> {
        loop {
            let names: Vec<_> = {
                let mut waiting = self.core.discarded.names();
                let count = waiting.len().min(AT_ONCE);
                waiting.drain(..count).collect()
            };
            if names.is_empty() {
                return Ok(());
            }
            self.remove_unreferenced(&names).await?;
        }
    }

    /// Those blobs that no dossier refers to, by a read that may be behind.
    pub(super) async fn unreferenced(&self, names: &[BlobName]) -> Result<Vec<BlobName>, Fault> {
        let accounts: BTreeSet<AccountId> = names.iter().map(|name| name.account).collect();
        let accounts: Vec<_> = accounts.into_iter().collect();
        let dossiers = self.core.read().dossiers().find_many(&accounts).await?;
        let referenced: HashSet<_> = dossiers.iter().flat_map(Dossier::blobs).collect();
        Ok(names.iter().filter(|name| !referenced.contains(name)).copied().collect())
    }

    /// Removes those blobs that no dossier refers to; how many it was. Asks in a unit of work, since a plain read may be
    /// answered by a server that is behind, and removes once that has ended. Nothing is removed of what cannot be asked about.
    pub(super) async fn remove_unreferenced(&self, names: &[BlobName]) -> Result<u64, Fault> {
        let mut by_account: BTreeMap<AccountId, Vec<BlobName>> = BTreeMap::new();
        for name in names {
            by_account.entry(name.account).or_default().push(*name);
        }
        let (mut removed, mut failure) = (0, None);
        for (account, names) in by_account {
            let dossier = self.core.begin().await?.dossiers().find(account).await?;
            let referenced: HashSet<_> = dossier.iter().flat_map(Dossier::blobs).collect();
            for name in names.iter().filter(|name| !referenced.contains(name)) {
                match self.ports.blobs.remove(*name).await {
                    Ok(()) => removed += 1,
                    Err(error) => failure = Some(error),
                }
            }
        }
        if let Some(error) = failure {
            tracing::warn!(
                error = chain(&error),
                "a blob to which nothing refers could not be removed; the sweep tries again"
            );
        }
        Ok(removed)
    }
}
