//! Mailed one-time codes, by account; an account has at most one per purpose.

use async_trait::async_trait;
use rpds::{HashTrieMapSync, RedBlackTreeMapSync};
use time::OffsetDateTime;
use vestibule_domain::{AccountId, CodeId, LiveCode, OneTimeCode, TokenPurpose, account::to_microseconds};
use vestibule_ports::{Codes, StoreError, stored::StoredCode};

use crate::{
    state::{PURGE_LIMIT, rows},
    store::MemoryUnit,
};

/// The codes of each account with any, and the owner of each code.
#[derive(Clone, Default)]
pub(crate) struct CodeTable {
    of_account: RedBlackTreeMapSync<AccountId, Vec<OneTimeCode>>,
    owners: HashTrieMapSync<CodeId, AccountId>,
}

impl CodeTable {
    pub(crate) fn rows(&self) -> impl Iterator<Item = StoredCode<i64>> {
        self.of_account.values().flatten().map(StoredCode::from)
    }

    pub(crate) fn remove_of_account(&mut self, account: AccountId) -> usize {
        self.remove_where(account, |_| true)
    }

    pub(crate) fn has_any_of(&self, account: AccountId) -> bool {
        self.of_account.contains_key(&account)
    }

    /// Removes an account's codes that match; returns how many.
    fn remove_where(&mut self, account: AccountId, matches: impl Fn(&OneTimeCode) -> bool) -> usize {
        let Some(codes) = self.of_account.get_mut(&account) else {
            return 0;
        };
        let removed: Vec<CodeId> = codes.extract_if(.., |code| matches(code)).map(|code| code.id).collect();
        if codes.is_empty() {
            self.of_account.remove_mut(&account);
        }
        for id in &removed {
            self.owners.remove_mut(id);
        }
        removed.len()
    }
}

#[async_trait]
impl Codes for MemoryUnit {
    async fn replace(&mut self, code: &OneTimeCode) -> Result<(), StoreError> {
        self.must_have(code.account)?;
        self.state.codes.remove_where(code.account, |earlier| earlier.purpose == code.purpose);
        if self.state.codes.owners.contains_key(&code.id) {
            return Err(self.failed("a code has this id"));
        }
        let table = &mut self.state.codes;
        let mut codes = table.of_account.get(&code.account).cloned().unwrap_or_default();
        codes.push(OneTimeCode { expires_at: to_microseconds(code.expires_at), ..code.clone() });
        table.of_account.insert_mut(code.account, codes);
        table.owners.insert_mut(code.id, code.account);
        Ok(())
    }

    async fn take_try(
        &mut self,
        account: AccountId,
        purpose: TokenPurpose,
        now: OffsetDateTime,
    ) -> Result<Option<LiveCode>, StoreError> {
        let codes = self.state.codes.of_account.get_mut(&account).map(Vec::as_mut_slice).unwrap_or_default();
        let live = |code: &&mut OneTimeCode| code.purpose == purpose && code.tries_left > 0 && now < code.expires_at;
        Ok(codes.iter_mut().find(live).map(|code| {
            code.tries_left -= 1;
            LiveCode { id: code.id, digest: code.digest, waiting_password: code.waiting_password.clone() }
        }))
    }

    async fn consume(&mut self, id: CodeId, now: OffsetDateTime) -> Result<bool, StoreError> {
        let Some(account) = self.state.codes.owners.get(&id).copied() else {
            return Ok(false);
        };
        Ok(self.state.codes.remove_where(account, |code| code.id == id && now < code.expires_at) > 0)
    }

    async fn remove_of_account(&mut self, account: AccountId) -> Result<u64, StoreError> {
        Ok(rows(self.state.codes.remove_of_account(account)))
    }

    async fn purge_expired(&mut self, now: OffsetDateTime) -> Result<u64, StoreError> {
        let expired: Vec<_> = self
            .state
            .codes
            .of_account
            .iter()
            .flat_map(|(account, codes)| codes.iter().map(|code| (*account, code)))
            .filter(|(_, code)| code.expires_at <= now)
            .map(|(account, code)| (account, code.id))
            .take(PURGE_LIMIT)
            .collect();
        for (account, id) in &expired {
            self.state.codes.remove_where(*account, |code| code.id == *id);
        }
        Ok(rows(expired.len()))
    }
}
