//! The sources from which an account signed in, and when it last did.

use std::{net::Ipv4Addr, ops::Bound};

use async_trait::async_trait;
use rpds::RedBlackTreeMapSync;
use time::OffsetDateTime;
use vestibule_domain::{AccountId, Source, account::to_microseconds};
use vestibule_ports::{ReadSources, Sources, StoreError, stored::StoredSource};

use crate::{
    MemoryStore,
    state::{PURGE_LIMIT, rows},
    store::MemoryUnit,
};

/// When each account last used each of its sources.
#[derive(Clone, Default)]
pub(crate) struct SourceTable(RedBlackTreeMapSync<(AccountId, Source), OffsetDateTime>);

impl SourceTable {
    pub(crate) fn rows(&self) -> impl Iterator<Item = StoredSource<i64>> {
        self.0.iter().map(|((account, source), used_at)| StoredSource::of(*account, *source, *used_at))
    }

    /// Removes the sources of an account and returns how many.
    pub(crate) fn remove_of_account(&mut self, account: AccountId) -> usize {
        let lowest = Source::new(Ipv4Addr::UNSPECIFIED.into());
        let sources: Vec<_> = self
            .0
            .range((Bound::Included((account, lowest)), Bound::Unbounded))
            .map(|(key, _)| *key)
            .take_while(|(owner, _)| *owner == account)
            .collect();
        for key in &sources {
            self.0.remove_mut(key);
        }
        sources.len()
    }
}

#[async_trait]
impl ReadSources for MemoryStore {
    async fn contains(&self, account: AccountId, source: Source) -> Result<bool, StoreError> {
        Ok(self.snapshot()?.sources.0.contains_key(&(account, source)))
    }
}

#[async_trait]
impl Sources for MemoryUnit {
    async fn remember(&mut self, account: AccountId, source: Source, now: OffsetDateTime) -> Result<(), StoreError> {
        self.must_have(account)?;
        self.state.sources.0.insert_mut((account, source), to_microseconds(now));
        Ok(())
    }

    async fn forget_all(&mut self, account: AccountId) -> Result<u64, StoreError> {
        Ok(rows(self.state.sources.remove_of_account(account)))
    }

    async fn purge_unused(&mut self, since: OffsetDateTime) -> Result<u64, StoreError> {
        let (table, since) = (&mut self.state.sources.0, to_microseconds(since));
        let unused: Vec<_> =
            table.iter().filter(|(_, used_at)| **used_at < since).map(|(key, _)| *key).take(PURGE_LIMIT).collect();
        for key in &unused {
            table.remove_mut(key);
        }
        Ok(rows(unused.len()))
    }
}
