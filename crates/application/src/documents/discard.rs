//! Blobs to which nothing refers any more, to be removed soon.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;
use vestibule_domain::{BlobName, BlobOwner, Dossier, Profile};
use vestibule_ports::StoreError;

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
    pub(crate) fn unless_kept(&self, name: BlobName) -> Orphan {
        Orphan { discarded: self.clone(), name: Some(name) }
    }
}

impl Orphan {
    /// Whether it is about this blob.
    pub(crate) fn is(&self, name: BlobName) -> bool {
        self.name == Some(name)
    }

    /// Leaves the blob alone.
    pub(crate) fn keep(mut self) {
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

    /// Those blobs that nothing refers to, by a read that may be behind.
    pub(super) async fn unreferenced(&self, names: &[BlobName]) -> Result<Vec<BlobName>, Fault> {
        let owners: BTreeSet<BlobOwner> = names.iter().map(|name| name.owner).collect();
        let (mut accounts, mut profiles) = (Vec::new(), Vec::new());
        for owner in owners {
            match owner {
                BlobOwner::Dossier(account) => accounts.push(account),
                BlobOwner::Profile(profile) => profiles.push(profile),
            }
        }
        let mut referenced = HashSet::new();
        if !accounts.is_empty() {
            referenced.extend(self.core.read().dossiers().find_many(&accounts).await?.iter().flat_map(Dossier::blobs));
        }
        if !profiles.is_empty() {
            referenced.extend(self.core.read().profiles().find_many(&profiles).await?.iter().flat_map(Profile::blobs));
        }
        Ok(names.iter().filter(|name| !referenced.contains(name)).copied().collect())
    }

    /// Removes those blobs that nothing refers to; how many it was. Asks in a unit of work, since a plain read may be
    /// answered by a server that is behind, and removes once that has ended. Nothing is removed of what cannot be asked about.
    pub(super) async fn remove_unreferenced(&self, names: &[BlobName]) -> Result<u64, Fault> {
        let mut by_owner: BTreeMap<BlobOwner, Vec<BlobName>> = BTreeMap::new();
        for name in names {
            by_owner.entry(name.owner).or_default().push(*name);
        }
        let (mut removed, mut failure) = (0, None);
        for (owner, names) in by_owner {
            let referenced = match self.referenced_by(owner).await {
                Ok(referenced) => referenced,
                // One whose row cannot be read keeps all that it has, and no other from being asked about.
                Err(error @ StoreError::Corrupt { .. }) => {
                    tracing::error!(
                        error = chain(&error),
                        blob = names.first().map(tracing::field::display),
                        "what a stored row refers to cannot be read, and stays: see \"Rows that cannot be read\" in docs/operations.md"
                    );
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
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

    /// The blobs that their owner refers to, as the writable store has it.
    async fn referenced_by(&self, owner: BlobOwner) -> Result<HashSet<BlobName>, StoreError> {
        let mut unit = self.core.begin().await?;
        Ok(match owner {
            BlobOwner::Dossier(account) => {
                unit.dossiers().find(account).await?.iter().flat_map(Dossier::blobs).collect()
            }
            BlobOwner::Profile(profile) => {
                unit.profiles().find_for_update(profile).await?.iter().flat_map(Profile::blobs).collect()
            }
        })
    }
}
