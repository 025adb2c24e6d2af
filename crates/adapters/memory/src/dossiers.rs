//! Dossiers, by account.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use rpds::HashTrieMapSync;
use vestibule_domain::{
    Account, AccountId, Dossier, PhoneNumber,
    account::to_microseconds,
    dossier::{Field, Review},
};
use vestibule_ports::{Dossiers, ReadDossiers, StoreError, UniqueKey};

use crate::{MemoryStore, store::MemoryUnit};

/// The dossiers, and whose each telephone number is.
#[derive(Clone, Default)]
pub(crate) struct DossierTable {
    by_account: HashTrieMapSync<AccountId, Arc<Dossier>>,
    by_phone: HashTrieMapSync<String, AccountId>,
}

impl DossierTable {
    fn of_account(&self, account: AccountId) -> Option<Dossier> {
        self.by_account.get(&account).map(|dossier| Dossier::clone(dossier))
    }

    pub(crate) fn remove(&mut self, account: AccountId) {
        if let Some(phone) = self.by_account.get(&account).and_then(|dossier| dossier.values.phone()) {
            self.by_phone.remove_mut(phone.key());
        }
        self.by_account.remove_mut(&account);
    }
}

/// The fields are in whole microseconds by themselves.
fn in_microseconds(dossier: &Dossier) -> Dossier {
    Dossier {
        review: Review { decided_at: dossier.review.decided_at.map(to_microseconds), ..dossier.review.clone() },
        updated_at: dossier.updated_at.map(to_microseconds),
        ..dossier.clone()
    }
}

#[async_trait]
impl ReadDossiers for MemoryStore {
    async fn find(&self, account: AccountId) -> Result<Option<Dossier>, StoreError> {
        Ok(self.snapshot().dossiers.of_account(account))
    }

    async fn find_many(&self, accounts: &[AccountId]) -> Result<Vec<Dossier>, StoreError> {
        let table = &self.snapshot().dossiers;
        let distinct: BTreeSet<_> = accounts.iter().collect();
        Ok(distinct.into_iter().filter_map(|account| table.of_account(*account)).collect())
    }
}

#[async_trait]
impl Dossiers for MemoryUnit {
    async fn find(&mut self, account: AccountId) -> Result<Option<Dossier>, StoreError> {
        Ok(self.state.dossiers.of_account(account))
    }

    async fn replace(&mut self, dossier: &Dossier) -> Result<(), StoreError> {
        self.state.must_have(dossier.account)?;
        let phone = dossier.values.phone().map(|phone| phone.key().to_owned());
        let table = &mut self.state.dossiers;
        let owner = phone.as_ref().and_then(|key| table.by_phone.get(key));
        if owner.is_some_and(|owner| *owner != dossier.account) {
            return Err(StoreError::Conflict(UniqueKey::DossierPhone));
        }
        table.remove(dossier.account);
        if let Some(key) = phone {
            table.by_phone.insert_mut(key, dossier.account);
        }
        table.by_account.insert_mut(dossier.account, Arc::new(in_microseconds(dossier)));
        Ok(())
    }

    async fn release_phone(&mut self, phone: &PhoneNumber) -> Result<bool, StoreError> {
        let owner = self.state.dossiers.by_phone.get(phone.key()).and_then(|id| self.state.accounts.of_id(*id));
        let owner =
            owner.filter(Account::is_provisional).and_then(|account| self.state.dossiers.of_account(account.id()));
        let Some(mut dossier) = owner else { return Ok(false) };
        self.state.dossiers.by_phone.remove_mut(phone.key());
        dossier.values.clear(Field::Phone);
        self.state.dossiers.by_account.insert_mut(dossier.account, Arc::new(dossier));
        Ok(true)
    }
}
