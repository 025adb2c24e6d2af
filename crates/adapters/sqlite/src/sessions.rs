//! Sessions in SQLite.

use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{Account, AccountId, Session, SessionId, TokenEpoch};
use vestibule_ports::{
    Advance, AdvanceSessions, Advanced, ReadSessions, Sessions, StoreError, UnitOfWork,
    stored::{StoredAccount, StoredSession, micros, readable_all},
};

use crate::{
    columns::{as_json, columns, insert, select, select_sessions},
    store::SqliteStore,
    unit::SqliteUnit,
};

/// A row of `sessions`.
type SessionRow = StoredSession<i64>;

#[async_trait]
impl ReadSessions for SqliteStore {
    async fn find(&self, id: SessionId) -> Result<Option<Session<Account>>, StoreError> {
        let id = id.uuid();
        let mut reader = self.reader().await?;
        let found = columns!(accounts select_sessions [
            "SELECT ",
            " FROM sessions AS session LEFT JOIN accounts AS a ON a.id = session.account_id WHERE session.id = ?",
            id
        ]);
        let row = found.fetch_optional(&mut *reader).await.map_err(|error| reader.failed(error))?;
        row.map(|(session, account)| session.with_account(account)).transpose()
    }

    async fn find_many(&self, ids: &[SessionId]) -> Result<Vec<Session>, StoreError> {
        let ids = as_json(ids.iter().map(|id| id.uuid()));
        let mut reader = self.reader().await?;
        let found = columns!(sessions select [
            SessionRow,
            "SELECT id AS \"id: Uuid\", account_id AS \"account_id: Uuid\"",
            " FROM sessions WHERE id IN (SELECT unhex(value) FROM json_each(?))",
            ids
        ]);
        let rows = found.fetch_all(&mut *reader).await.map_err(|error| reader.failed(error))?;
        Ok(readable_all(rows))
    }

    async fn list_of_account(&self, account: AccountId, limit: u32) -> Result<Vec<Session>, StoreError> {
        let account = account.uuid();
        let mut reader = self.reader().await?;
        let found = columns!(sessions select [
            SessionRow,
            "SELECT id AS \"id: Uuid\", account_id AS \"account_id: Uuid\"",
            " FROM sessions WHERE account_id = ? ORDER BY began_at DESC, id DESC LIMIT ?",
            account,
            limit
        ]);
        let rows = found.fetch_all(&mut *reader).await.map_err(|error| reader.failed(error))?;
        Ok(readable_all(rows))
    }
}

#[async_trait]
impl AdvanceSessions for SqliteStore {
    /// First a read, which waits for nothing; then a transaction for the sessions that qualify, each changed only while it
    /// still does.
    async fn advance(&self, uses: &[Advance]) -> Result<Vec<Option<Advanced>>, StoreError> {
        let mut all = Vec::with_capacity(uses.len());
        for advance in uses {
            let is_current = |session: &Advanced| session.counter == advance.counter && session.is_usable();
            let found = match self.find(advance.session).await {
                // Unreadable sessions are logged when they are read alone.
                Err(StoreError::Corrupt { .. }) => None,
                found => found?,
            };
            all.push(found.filter(is_current));
        }
        if all.iter().any(Option::is_some) {
            let mut unit = self.unit().await?;
            for (advance, before) in uses.iter().zip(&mut all).filter(|(_, before)| before.is_some()) {
                if !unit.advance(advance).await? {
                    *before = None;
                }
            }
            Box::new(unit).commit().await?;
        }
        Ok(all)
    }
}

impl SqliteUnit {
    async fn advance(&mut self, &Advance { session, counter, token_use }: &Advance) -> Result<bool, StoreError> {
        let (id, used_at, key) = (session.uuid(), micros(token_use.at), token_use.key.map(|key| key.bytes().to_vec()));
        let statement = sqlx::query!(
            "UPDATE sessions SET counter = counter + 1, last_used_at = ?3, last_use_key = ?4
            WHERE id = ?1 AND counter = ?2 AND (account_id IS NULL OR EXISTS (SELECT 1 FROM accounts
                WHERE accounts.id = account_id AND accounts.epoch = sessions.epoch AND status = 'active'))",
            id,
            counter,
            used_at,
            key
        );
        Ok(self.execute(statement).await? == 1)
    }
}

#[async_trait]
impl Sessions for SqliteUnit {
    async fn insert(&mut self, session: &Session, keep: u32) -> Result<u64, StoreError> {
        let (row, others) = (SessionRow::from(session), i64::from(keep.saturating_sub(1)));
        // An anonymous session's account is null, which equals nothing: no session ends.
        let statement = sqlx::query!(
            "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE account_id = ?
            ORDER BY coalesce(last_used_at, began_at) DESC, id DESC LIMIT -1 OFFSET ?)",
            row.account_id,
            others
        );
        let ended = self.execute(statement).await?;
        let statement = columns!(sessions insert [
            row (id, account_id), "INSERT INTO sessions (id, account_id", ") VALUES (?1, ?2", ")"
        ]);
        self.execute(statement).await?;
        Ok(ended)
    }

    async fn rebind(&mut self, id: SessionId, epoch: TokenEpoch) -> Result<bool, StoreError> {
        let (id, epoch) = (id.uuid(), epoch.bytes().as_slice());
        let statement =
            sqlx::query!("UPDATE sessions SET epoch = ? WHERE id = ? AND account_id IS NOT NULL", epoch, id);
        Ok(self.execute(statement).await? == 1)
    }

    async fn remove(&mut self, id: SessionId) -> Result<bool, StoreError> {
        let id = id.uuid();
        let statement = sqlx::query!("DELETE FROM sessions WHERE id = ?", id);
        Ok(self.execute(statement).await? == 1)
    }

    async fn remove_of_account(&mut self, account: AccountId) -> Result<u64, StoreError> {
        let account = account.uuid();
        let statement = sqlx::query!("DELETE FROM sessions WHERE account_id = ?", account);
        self.execute(statement).await
    }

    async fn purge_anonymous_begun(&mut self, by: OffsetDateTime) -> Result<u64, StoreError> {
        let by = micros(by);
        let statement = sqlx::query!(
            "DELETE FROM sessions
            WHERE id IN (SELECT id FROM sessions WHERE account_id IS NULL AND began_at <= ? ORDER BY began_at LIMIT 1000)",
            by
        );
        self.execute(statement).await
    }

    async fn purge_begun(&mut self, by: OffsetDateTime) -> Result<u64, StoreError> {
        let by = micros(by);
        let statement = sqlx::query!(
            "DELETE FROM sessions
            WHERE id IN (SELECT id FROM sessions WHERE began_at <= ? ORDER BY began_at LIMIT 1000)",
            by
        );
        self.execute(statement).await
    }
}
