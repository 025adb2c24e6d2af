//! Dossiers, by account.

use std::{collections::BTreeSet, ops::Bound, sync::Arc};

use async_trait::async_trait;
use rpds::{HashTrieMapSync, RedBlackTreeMapSync};
use time::OffsetDateTime;
use vestibule_domain::{Account, AccountId, Dossier, PhoneNumber, account::to_microseconds, dossier::HoldBounds};
use vestibule_ports::{
    Dossiers, Page, QueueFilter, QueuePage, QueuePlace, ReadDossiers, SealedDocumentKey, StoreError, UniqueKey,
    stored::{StoredDocumentKey, StoredDossier},
};

use crate::{MemoryStore, store::MemoryUnit};

/// The most rows of a page.
const PAGE_LIMIT: u32 = 1000;

/// The dossiers, the owner of each telephone number, the submitted dossiers in the order of submission, and the document
/// keys.
#[derive(Clone, Default)]
pub(crate) struct DossierTable {
    by_account: HashTrieMapSync<AccountId, Arc<Dossier>>,
    by_phone: HashTrieMapSync<String, AccountId>,
    document_keys: HashTrieMapSync<AccountId, SealedDocumentKey>,
    queue: RedBlackTreeMapSync<QueuePlace, ()>,
}

impl DossierTable {
    pub(crate) fn rows(&self) -> impl Iterator<Item = StoredDossier<i64>> {
        self.by_account.values().map(|dossier| dossier.as_ref().into())
    }

    pub(crate) fn key_rows(&self) -> impl Iterator<Item = StoredDocumentKey> {
        let row = |account: &AccountId, key: &SealedDocumentKey| StoredDocumentKey {
            account_id: account.uuid(),
            sealed: key.as_bytes().to_vec(),
        };
        self.document_keys.iter().map(move |(account, key)| row(account, key))
    }

    fn of_account(&self, account: AccountId) -> Option<Dossier> {
        self.by_account.get(&account).map(|dossier| Dossier::clone(dossier))
    }

    fn put(&mut self, dossier: Dossier) {
        self.take_out(dossier.account);
        if let Some(phone) = dossier.values.phone() {
            self.by_phone.insert_mut(phone.key().to_owned(), dossier.account);
        }
        if let Some(place) = QueuePlace::of(&dossier) {
            self.queue.insert_mut(place, ());
        }
        self.by_account.insert_mut(dossier.account, Arc::new(dossier));
    }

    pub(crate) fn remove(&mut self, account: AccountId) {
        self.take_out(account);
        self.document_keys.remove_mut(&account);
    }

    /// Removes a dossier, but not its document key.
    fn take_out(&mut self, account: AccountId) {
        let Some(dossier) = self.by_account.get(&account).cloned() else { return };
        if let Some(phone) = dossier.values.phone() {
            self.by_phone.remove_mut(phone.key());
        }
        if let Some(place) = QueuePlace::of(&dossier) {
            self.queue.remove_mut(&place);
        }
        self.by_account.remove_mut(&account);
    }

    /// The submitted dossiers after a place, the oldest first.
    fn submitted(&self, after: Option<QueuePlace>) -> impl Iterator<Item = &Dossier> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let places = self.queue.range((from, Bound::Unbounded));
        places.filter_map(|(place, ())| self.by_account.get(&place.account)).map(AsRef::as_ref)
    }
}

fn matches(filter: QueueFilter, dossier: &Dossier) -> bool {
    let (state, hold) = (dossier.review.state(), dossier.review.record().hold);
    match filter {
        QueueFilter::Open => state.is_open(),
        QueueFilter::Waiting => state.is_open() && hold.is_none(),
        QueueFilter::HeldBy(reviewer) => hold.is_some_and(|hold| hold.by == reviewer),
        QueueFilter::In(wanted) => state == wanted,
    }
}

#[async_trait]
impl ReadDossiers for MemoryStore {
    async fn find(&self, account: AccountId) -> Result<Option<Dossier>, StoreError> {
        Ok(self.snapshot()?.dossiers.of_account(account))
    }

    async fn find_many(&self, accounts: &[AccountId]) -> Result<Vec<Dossier>, StoreError> {
        let table = &self.snapshot()?.dossiers;
        let distinct: BTreeSet<_> = accounts.iter().collect();
        Ok(distinct.into_iter().filter_map(|account| table.of_account(*account)).collect())
    }

    async fn queue(&self, filter: QueueFilter, page: QueuePage) -> Result<Page<Dossier>, StoreError> {
        let state = self.snapshot()?;
        let mut found = state.dossiers.submitted(page.after).filter(|dossier| matches(filter, dossier));
        let items = found.by_ref().take(page.limit.min(PAGE_LIMIT) as usize).cloned().collect();
        Ok(Page { items, has_more: found.next().is_some() })
    }

    async fn document_key(&self, account: AccountId) -> Result<Option<SealedDocumentKey>, StoreError> {
        Ok(self.snapshot()?.dossiers.document_keys.get(&account).cloned())
    }
}

#[async_trait]
impl Dossiers for MemoryUnit {
    async fn find(&mut self, account: AccountId) -> Result<Option<Dossier>, StoreError> {
        Ok(self.state.dossiers.of_account(account))
    }

    async fn replace(&mut self, dossier: &Dossier) -> Result<(), StoreError> {
        self.must_have(dossier.account)?;
        let table = &mut self.state.dossiers;
        let owner = dossier.values.phone().and_then(|phone| table.by_phone.get(phone.key()));
        if owner.is_some_and(|owner| *owner != dossier.account) {
            return Err(StoreError::Conflict(UniqueKey::DossierPhone));
        }
        // The fields and the review have cut their times themselves.
        table.put(Dossier { updated_at: dossier.updated_at.map(to_microseconds), ..dossier.clone() });
        Ok(())
    }

    async fn take_next(
        &mut self,
        reviewer: AccountId,
        now: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<Option<Dossier>, StoreError> {
        let bounds = HoldBounds::new(now);
        let is_free = |dossier: &&Dossier| !dossier.review.record().hold.is_some_and(|hold| bounds.protect(&hold));
        let held = |dossier: &Dossier| {
            let mut dossier = dossier.clone();
            dossier.hold(reviewer, now, until).is_ok().then_some(dossier)
        };
        let taken = self.state.dossiers.submitted(None).filter(is_free).find_map(held);
        if let Some(dossier) = &taken {
            self.state.dossiers.put(dossier.clone());
        }
        Ok(taken)
    }

    async fn keep_document_key(
        &mut self,
        account: AccountId,
        key: &SealedDocumentKey,
        broken: Option<&SealedDocumentKey>,
    ) -> Result<Option<SealedDocumentKey>, StoreError> {
        let table = &mut self.state.dossiers;
        let is_free = table.document_keys.get(&account).is_none_or(|kept| Some(kept) == broken);
        if table.by_account.contains_key(&account) && is_free {
            table.document_keys.insert_mut(account, key.clone());
        }
        Ok(table.document_keys.get(&account).cloned())
    }

    async fn release_phone(&mut self, phone: &PhoneNumber) -> Result<bool, StoreError> {
        let owner = self.state.dossiers.by_phone.get(phone.key()).and_then(|id| self.state.accounts.of_id(*id));
        let owner =
            owner.filter(Account::is_provisional).and_then(|account| self.state.dossiers.of_account(account.id()));
        let Some(mut dossier) = owner else { return Ok(false) };
        dossier.give_up_phone();
        self.state.dossiers.put(dossier);
        Ok(true)
    }
}
