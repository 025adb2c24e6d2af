//! Refresh families, by id.

use std::ops::Bound;

use async_trait::async_trait;
use rpds::{HashTrieMapSync, RedBlackTreeSetSync};
use time::OffsetDateTime;
use vestibule_domain::{
    Account, AccountId, FamilyId, RefreshFamily, TokenSubject, TokenUse, account::to_microseconds, id::Id96,
};
use vestibule_ports::{Advance, AdvanceFamilies, Advanced, Families, ReadFamilies, StoreError};

use crate::{
    MemoryStore,
    state::{PURGE_LIMIT, State, failed, rows},
    store::MemoryUnit,
};

/// The families, and which of them an account has.
#[derive(Clone, Default)]
pub(crate) struct FamilyTable {
    by_id: HashTrieMapSync<FamilyId, RefreshFamily>,
    of_account: RedBlackTreeSetSync<(AccountId, FamilyId)>,
}

impl FamilyTable {
    pub(crate) fn remove_of_account(&mut self, account: AccountId) -> usize {
        self.keep_of_account(account, 0)
    }

    /// Removes the families of an account but for so many that were used last; how many it was.
    fn keep_of_account(&mut self, account: AccountId, keep: usize) -> usize {
        let [first, last] = [[0x00; 12], [0xFF; 12]].map(|bits| (account, Id96::from_bytes(bits).into()));
        let ids = self.of_account.range((Bound::Included(first), Bound::Included(last))).map(|(_, id)| id);
        let mut families: Vec<_> =
            ids.filter_map(|id| self.by_id.get(id)).map(|family| (family.issued_at(), family.id)).collect();
        families.sort_unstable();
        let ended = families.len().saturating_sub(keep);
        for (_, id) in &families[..ended] {
            self.remove(*id);
        }
        ended
    }

    fn remove(&mut self, id: FamilyId) -> bool {
        let Some(family) = self.by_id.get(&id) else {
            return false;
        };
        self.of_account.remove_mut(&(family.account, id));
        self.by_id.remove_mut(&id)
    }
}

fn in_microseconds(last_use: Option<TokenUse>) -> Option<TokenUse> {
    last_use.map(|last| TokenUse::new(last.key, last.at))
}

#[async_trait]
impl ReadFamilies for MemoryStore {
    async fn find(&self, id: FamilyId) -> Result<Option<(RefreshFamily, Account)>, StoreError> {
        let state = self.snapshot();
        let family = state.families.by_id.get(&id);
        Ok(family.and_then(|family| Some((family.clone(), state.accounts.of_id(family.account)?))))
    }
}

#[async_trait]
impl AdvanceFamilies for MemoryStore {
    async fn advance(&self, uses: &[Advance]) -> Result<Vec<Option<Advanced>>, StoreError> {
        let mut unit = self.unit().await;
        let advanced = uses.iter().map(|this| unit.state.advance(this)).collect();
        unit.publish();
        Ok(advanced)
    }
}

impl State {
    fn advance(&mut self, &Advance { family, counter, this }: &Advance) -> Option<Advanced> {
        let family = self.families.by_id.get_mut(&family).filter(|family| family.counter == counter)?;
        let account = self.accounts.of_id(family.account).filter(|account| family.is_usable_by(account))?;
        let before = family.clone();
        family.counter += 1;
        family.last_use = in_microseconds(Some(this));
        Some((before, account))
    }
}

#[async_trait]
impl Families for MemoryUnit {
    async fn insert(&mut self, family: &RefreshFamily, keep: u32) -> Result<u64, StoreError> {
        self.state.must_have(family.account)?;
        if self.state.families.by_id.contains_key(&family.id) {
            return Err(failed("a refresh family has this id"));
        }
        let others = usize::try_from(keep.saturating_sub(1)).unwrap_or(usize::MAX);
        let ended = self.state.families.keep_of_account(family.account, others);
        let family = RefreshFamily {
            last_use: in_microseconds(family.last_use),
            began_at: to_microseconds(family.began_at),
            ..family.clone()
        };
        self.state.families.of_account.insert_mut((family.account, family.id));
        self.state.families.by_id.insert_mut(family.id, family);
        Ok(rows(ended))
    }

    async fn rebind(&mut self, id: FamilyId, subject: TokenSubject) -> Result<bool, StoreError> {
        Ok(self.state.families.by_id.get_mut(&id).map(|family| family.subject = subject).is_some())
    }

    async fn remove(&mut self, id: FamilyId) -> Result<bool, StoreError> {
        Ok(self.state.families.remove(id))
    }

    async fn remove_of_account(&mut self, account: AccountId) -> Result<u64, StoreError> {
        Ok(rows(self.state.families.remove_of_account(account)))
    }

    async fn purge_begun(&mut self, by: OffsetDateTime) -> Result<u64, StoreError> {
        let families = self.state.families.by_id.values();
        let begun: Vec<FamilyId> =
            families.filter(|family| family.began_at <= by).map(|family| family.id).take(PURGE_LIMIT).collect();
        for id in &begun {
            self.state.families.remove(*id);
        }
        Ok(rows(begun.len()))
    }
}
