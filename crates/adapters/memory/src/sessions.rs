//! Sessions, by id.

use std::{cmp::Reverse, collections::BTreeSet, ops::Bound};

use async_trait::async_trait;
use rpds::{HashTrieMapSync, RedBlackTreeSetSync};
use time::OffsetDateTime;
use vestibule_domain::{
    Account, AccountId, Owner, Session, SessionId, TokenEpoch, TokenUse, account::to_microseconds, id::Id96,
};
use vestibule_ports::{Advance, AdvanceSessions, Advanced, ReadSessions, Sessions, StoreError, stored::StoredSession};

use crate::{
    MemoryStore,
    state::{PURGE_LIMIT, State, rows},
    store::MemoryUnit,
};

/// The sessions, and an index by account.
#[derive(Clone, Default)]
pub(crate) struct SessionTable {
    by_id: HashTrieMapSync<SessionId, Session>,
    of_account: RedBlackTreeSetSync<(AccountId, SessionId)>,
}

impl SessionTable {
    pub(crate) fn rows(&self) -> impl Iterator<Item = StoredSession<i64>> {
        self.by_id.values().map(StoredSession::from)
    }

    pub(crate) fn remove_of_account(&mut self, account: AccountId) -> usize {
        self.keep_of_account(account, 0)
    }

    /// Removes all sessions of an account except a number of those last used; returns how many.
    fn keep_of_account(&mut self, account: AccountId, keep: usize) -> usize {
        let mut sessions: Vec<_> = self.of_account(account).map(|session| (session.issued_at(), session.id)).collect();
        sessions.sort_unstable();
        let ended = sessions.len().saturating_sub(keep);
        for (_, id) in &sessions[..ended] {
            self.remove(*id);
        }
        ended
    }

    fn of_account(&self, account: AccountId) -> impl Iterator<Item = &Session> {
        let [first, last] = [[0x00; 12], [0xFF; 12]].map(|bits| (account, Id96::from_bytes(bits).into()));
        let ids = self.of_account.range((Bound::Included(first), Bound::Included(last))).map(|(_, id)| id);
        ids.filter_map(|id| self.by_id.get(id))
    }

    /// Removes some of the ended sessions; returns how many.
    fn purge(&mut self, is_over: impl Fn(&Session) -> bool) -> u64 {
        let over = self.by_id.values().filter(|session| is_over(session));
        let over: Vec<SessionId> = over.map(|session| session.id).take(PURGE_LIMIT).collect();
        for id in &over {
            self.remove(*id);
        }
        rows(over.len())
    }

    fn remove(&mut self, id: SessionId) -> bool {
        let Some(session) = self.by_id.get(&id) else {
            return false;
        };
        if let Some(account) = session.owner.account() {
            self.of_account.remove_mut(&(account, id));
        }
        self.by_id.remove_mut(&id)
    }
}

fn in_microseconds(last_use: Option<TokenUse>) -> Option<TokenUse> {
    last_use.map(|last| TokenUse::new(last.key, last.at))
}

#[async_trait]
impl ReadSessions for MemoryStore {
    async fn find(&self, id: SessionId) -> Result<Option<Session<Account>>, StoreError> {
        let state = self.snapshot()?;
        let session = state.sessions.by_id.get(&id);
        Ok(session.and_then(|session| state.with_account(session)))
    }

    async fn find_many(&self, ids: &[SessionId]) -> Result<Vec<Session>, StoreError> {
        let table = &self.snapshot()?.sessions.by_id;
        let distinct: BTreeSet<_> = ids.iter().collect();
        Ok(distinct.into_iter().filter_map(|id| table.get(id).cloned()).collect())
    }

    async fn list_of_account(&self, account: AccountId, limit: u32) -> Result<Vec<Session>, StoreError> {
        let state = self.snapshot()?;
        let mut sessions: Vec<Session> = state.sessions.of_account(account).cloned().collect();
        sessions.sort_by_key(|session| Reverse((session.began_at, session.id)));
        sessions.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(sessions)
    }
}

#[async_trait]
impl AdvanceSessions for MemoryStore {
    async fn advance(&self, uses: &[Advance]) -> Result<Vec<Option<Advanced>>, StoreError> {
        let mut unit = self.unit().await?;
        let advanced = uses.iter().map(|advance| unit.state.advance(advance)).collect();
        unit.publish();
        Ok(advanced)
    }
}

impl State {
    fn with_account(&self, session: &Session) -> Option<Session<Account>> {
        let account = session.owner.account().and_then(|id| self.accounts.of_id(id));
        session.clone().with_account(account)
    }

    fn advance(&mut self, &Advance { session, counter, token_use }: &Advance) -> Option<Advanced> {
        let current = self.sessions.by_id.get(&session).filter(|session| session.counter == counter)?;
        let before = self.with_account(current).filter(Session::is_usable)?;
        let session = self.sessions.by_id.get_mut(&session)?;
        session.counter += 1;
        session.last_use = in_microseconds(Some(token_use));
        Some(before)
    }
}

#[async_trait]
impl Sessions for MemoryUnit {
    async fn insert(&mut self, session: &Session, keep: u32) -> Result<u64, StoreError> {
        let account = session.owner.account();
        account.map_or(Ok(()), |account| self.must_have(account))?;
        if self.state.sessions.by_id.contains_key(&session.id) {
            return Err(self.failed("a session has this id"));
        }
        let others = usize::try_from(keep.saturating_sub(1)).unwrap_or(usize::MAX);
        let ended = account.map_or(0, |account| self.state.sessions.keep_of_account(account, others));
        let session = Session {
            last_use: in_microseconds(session.last_use),
            began_at: to_microseconds(session.began_at),
            ..session.clone()
        };
        if let Some(account) = account {
            self.state.sessions.of_account.insert_mut((account, session.id));
        }
        self.state.sessions.by_id.insert_mut(session.id, session);
        Ok(rows(ended))
    }

    async fn rebind(&mut self, id: SessionId, epoch: TokenEpoch) -> Result<bool, StoreError> {
        let owner = self.state.sessions.by_id.get_mut(&id).map(|session| &mut session.owner);
        let Some(Owner::Account { epoch: bound, .. }) = owner else { return Ok(false) };
        *bound = epoch;
        Ok(true)
    }

    async fn remove(&mut self, id: SessionId) -> Result<bool, StoreError> {
        Ok(self.state.sessions.remove(id))
    }

    async fn remove_of_account(&mut self, account: AccountId) -> Result<u64, StoreError> {
        Ok(rows(self.state.sessions.remove_of_account(account)))
    }

    async fn purge_anonymous_begun(&mut self, by: OffsetDateTime) -> Result<u64, StoreError> {
        Ok(self.state.sessions.purge(|session| session.began_at <= by && session.owner == Owner::Anonymous))
    }

    async fn purge_begun(&mut self, by: OffsetDateTime) -> Result<u64, StoreError> {
        Ok(self.state.sessions.purge(|session| session.began_at <= by))
    }
}
