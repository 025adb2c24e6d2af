//! One-time tokens, by digest.

use std::ops::Bound;

use async_trait::async_trait;
use rpds::{HashTrieMapSync, RedBlackTreeSetSync};
use time::OffsetDateTime;
use vestibule_domain::{AccountId, Digest, OneTimeToken, TokenPurpose, account::to_microseconds};
use vestibule_ports::{ReadTokens, StoreError, Tokens, stored::StoredToken};

use crate::{
    MemoryStore,
    state::{PURGE_LIMIT, rows},
    store::MemoryUnit,
};

type Key = [u8; 32];

/// The tokens, and an index by account.
#[derive(Clone, Default)]
pub(crate) struct TokenTable {
    by_digest: HashTrieMapSync<Key, OneTimeToken>,
    of_account: RedBlackTreeSetSync<(AccountId, Key)>,
}

impl TokenTable {
    pub(crate) fn rows(&self) -> impl Iterator<Item = StoredToken<i64>> {
        self.by_digest.values().map(StoredToken::from)
    }

    /// Removes the tokens of an account, all or those of one purpose; returns how many.
    pub(crate) fn remove_of_account(&mut self, account: AccountId, purpose: Option<TokenPurpose>) -> usize {
        let is_of_purpose = |key: &Key| {
            purpose.is_none_or(|purpose| self.by_digest.get(key).is_some_and(|token| token.purpose == purpose))
        };
        let keys: Vec<Key> = self.keys_of(account).copied().filter(is_of_purpose).collect();
        for key in &keys {
            self.remove(account, key);
        }
        keys.len()
    }

    pub(crate) fn has_any_of(&self, account: AccountId) -> bool {
        self.keys_of(account).next().is_some()
    }

    fn keys_of(&self, account: AccountId) -> impl Iterator<Item = &Key> {
        let range = (Bound::Included((account, [0; 32])), Bound::Included((account, [0xFF; 32])));
        self.of_account.range(range).map(|(_, key)| key)
    }

    fn live(&self, digest: &Digest, purpose: TokenPurpose, now: OffsetDateTime) -> Option<OneTimeToken> {
        let is_live = |token: &&OneTimeToken| token.purpose == purpose && now < token.expires_at;
        self.by_digest.get(digest.bytes()).filter(is_live).cloned()
    }

    fn remove(&mut self, account: AccountId, key: &Key) {
        self.by_digest.remove_mut(key);
        self.of_account.remove_mut(&(account, *key));
    }
}

#[async_trait]
impl ReadTokens for MemoryStore {
    async fn find(
        &self,
        digest: &Digest,
        purpose: TokenPurpose,
        now: OffsetDateTime,
    ) -> Result<Option<OneTimeToken>, StoreError> {
        Ok(self.snapshot()?.tokens.live(digest, purpose, now))
    }
}

#[async_trait]
impl Tokens for MemoryUnit {
    async fn insert(&mut self, token: &OneTimeToken) -> Result<(), StoreError> {
        self.must_have(token.account)?;
        let key = *token.digest.bytes();
        if self.state.tokens.by_digest.contains_key(&key) {
            return Err(self.failed("a token has this digest"));
        }
        let token = OneTimeToken { expires_at: to_microseconds(token.expires_at), ..token.clone() };
        self.state.tokens.of_account.insert_mut((token.account, key));
        self.state.tokens.by_digest.insert_mut(key, token);
        Ok(())
    }

    async fn consume(
        &mut self,
        digest: &Digest,
        purpose: TokenPurpose,
        now: OffsetDateTime,
    ) -> Result<Option<OneTimeToken>, StoreError> {
        let spent = self.state.tokens.live(digest, purpose, now);
        if let Some(token) = &spent {
            self.state.tokens.remove(token.account, digest.bytes());
        }
        Ok(spent)
    }

    async fn remove_of_account(&mut self, account: AccountId, purpose: TokenPurpose) -> Result<u64, StoreError> {
        Ok(rows(self.state.tokens.remove_of_account(account, Some(purpose))))
    }

    async fn purge_expired(&mut self, now: OffsetDateTime) -> Result<u64, StoreError> {
        let expired: Vec<_> = self
            .state
            .tokens
            .by_digest
            .iter()
            .filter(|(_, token)| token.expires_at <= now)
            .map(|(key, token)| (token.account, *key))
            .take(PURGE_LIMIT)
            .collect();
        for (account, key) in &expired {
            self.state.tokens.remove(*account, key);
        }
        Ok(rows(expired.len()))
    }
}
