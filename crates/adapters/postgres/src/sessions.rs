//! Sessions.

use std::collections::HashMap;

use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{Account, AccountId, Session, SessionId, TokenEpoch};
use vestibule_ports::{
    Advance, AdvanceSessions, Advanced, ReadSessions, Sessions, StoreError,
    stored::{StoredAccount, StoredSession, readable_all, readable_by},
};

use crate::{
    columns::{columns, insert, select, select_sessions},
    connections::alone,
    store::PostgresStore,
    unit::PostgresUnit,
};

/// A row of `sessions`.
type SessionRow = StoredSession<OffsetDateTime>;

/// Reads sessions with their accounts: what comes before and after the columns.
macro_rules! session_with_account {
    ($head:literal, $tail:literal $(, $argument:expr)*) => {
        columns!(accounts select_sessions [$head, $tail $(, $argument)*])
    };
}

#[async_trait]
impl ReadSessions for PostgresStore {
    async fn find(&self, id: SessionId) -> Result<Option<Session<Account>>, StoreError> {
        let row = alone!(
            self.connections,
            fetch_optional,
            session_with_account!(
                "SELECT ",
                " FROM sessions session LEFT JOIN accounts a ON a.id = session.account_id WHERE session.id = $1",
                id.uuid()
            )
        )?;
        row.map(|(session, account)| session.with_account(account)).transpose()
    }

    async fn find_many(&self, ids: &[SessionId]) -> Result<Vec<Session>, StoreError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
        let ids = ids.as_slice();
        let rows = alone!(
            self.connections,
            fetch_all,
            columns!(sessions select [
                SessionRow, "SELECT id, account_id", " FROM sessions WHERE id = ANY($1)", ids
            ])
        )?;
        Ok(readable_all(rows))
    }

    async fn list_of_account(&self, account: AccountId, limit: u32) -> Result<Vec<Session>, StoreError> {
        let rows = alone!(
            self.connections,
            fetch_all,
            columns!(sessions select [
                SessionRow,
                "SELECT id, account_id",
                " FROM sessions WHERE account_id = $1 ORDER BY began_at DESC, id DESC LIMIT $2",
                account.uuid(),
                i64::from(limit)
            ])
        )?;
        Ok(readable_all(rows))
    }
}

#[async_trait]
impl AdvanceSessions for PostgresStore {
    /// Rows that another transaction has locked are skipped, so no statement waits and none can deadlock. `session` is the
    /// row in the statement's snapshot. If there is a later version, the conditions are checked again on that one, which
    /// has another counter or epoch.
    async fn advance(&self, uses: &[Advance]) -> Result<Vec<Option<Advanced>>, StoreError> {
        let ids: Vec<_> = uses.iter().map(|advance| advance.session.uuid()).collect();
        let counters: Vec<_> = uses.iter().map(|advance| i64::from(advance.counter)).collect();
        let times: Vec<_> = uses.iter().map(|advance| advance.token_use.at).collect();
        let keys: Vec<_> = uses.iter().map(|advance| advance.token_use.key.map(|key| key.bytes().to_vec())).collect();
        let (ids, counters, times, keys) = (&ids, &counters, &times, &keys);
        let rows = alone!(
            self.connections,
            fetch_all,
            session_with_account!(
                "UPDATE sessions target \
                 SET counter = target.counter + 1, last_used_at = this.at, last_use_key = this.key \
                 FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[], $4::bytea[]) this (id, counter, at, key) \
                 JOIN sessions session ON session.id = this.id LEFT JOIN accounts a ON a.id = session.account_id \
                 WHERE target.id = session.id AND target.counter = this.counter \
                 AND (target.account_id IS NULL OR a.status = 'active' AND a.epoch = target.epoch) \
                 AND target.id = ANY (ARRAY(SELECT id FROM sessions \
                 WHERE id = ANY ($1) FOR NO KEY UPDATE SKIP LOCKED)) RETURNING ",
                "",
                ids,
                counters,
                times,
                keys as _
            )
        )?;
        let mut advanced = HashMap::with_capacity(rows.len());
        for (session, account) in rows {
            // An unreadable session is skipped: it was advanced already, and so were the others.
            let id = session.id;
            if let Some(before) = readable_by(session, |session| session.with_account(account)) {
                advanced.insert(id, before);
            }
        }
        Ok(ids.iter().map(|id| advanced.remove(id)).collect())
    }
}

#[async_trait]
impl Sessions for PostgresUnit {
    async fn insert(&mut self, session: &Session, keep: u32) -> Result<u64, StoreError> {
        let row = SessionRow::from(session);
        let ended = match row.account_id {
            Some(account) => self.make_room(account, keep).await?,
            None => 0,
        };
        let statement = columns!(sessions insert [
            row (id, account_id), "INSERT INTO sessions (id, account_id", ") VALUES ($1, $2", ")"
        ]);
        self.execute(statement).await?;
        Ok(ended)
    }

    async fn rebind(&mut self, id: SessionId, epoch: TokenEpoch) -> Result<bool, StoreError> {
        let statement = sqlx::query!(
            "UPDATE sessions SET epoch = $2 WHERE id = $1 AND account_id IS NOT NULL",
            id.uuid(),
            epoch.bytes().as_slice(),
        );
        Ok(self.execute(statement).await? > 0)
    }

    async fn remove(&mut self, id: SessionId) -> Result<bool, StoreError> {
        let statement = sqlx::query!("DELETE FROM sessions WHERE id = $1", id.uuid());
        Ok(self.execute(statement).await? > 0)
    }

    async fn remove_of_account(&mut self, account: AccountId) -> Result<u64, StoreError> {
        let statement = sqlx::query!("DELETE FROM sessions WHERE account_id = $1", account.uuid());
        self.execute(statement).await
    }

    async fn purge_anonymous_begun(&mut self, by: OffsetDateTime) -> Result<u64, StoreError> {
        let statement = sqlx::query!(
            "DELETE FROM sessions WHERE id = ANY (ARRAY(SELECT id FROM sessions \
             WHERE account_id IS NULL AND began_at <= $1 ORDER BY began_at LIMIT 1000 FOR UPDATE SKIP LOCKED))",
            by,
        );
        self.execute(statement).await
    }

    async fn purge_begun(&mut self, by: OffsetDateTime) -> Result<u64, StoreError> {
        // Rows that another unit has locked are left for the next call.
        let statement = sqlx::query!(
            "DELETE FROM sessions WHERE id = ANY (ARRAY(SELECT id FROM sessions \
             WHERE began_at <= $1 ORDER BY began_at LIMIT 1000 FOR UPDATE SKIP LOCKED))",
            by,
        );
        self.execute(statement).await
    }
}

impl PostgresUnit {
    /// Ends all sessions of an account except the `keep - 1` last used; returns how many ended.
    async fn make_room(&mut self, account: Uuid, keep: u32) -> Result<u64, StoreError> {
        // A unit that adds to the same account waits here. The next statement takes a new snapshot and sees what was added.
        let outcome = sqlx::query_scalar!("SELECT id FROM accounts WHERE id = $1 FOR NO KEY UPDATE", account)
            .fetch_optional(&mut *self.transaction)
            .await;
        self.checked(outcome)?.ok_or(StoreError::Busy(None))?;
        let statement = sqlx::query!(
            "DELETE FROM sessions WHERE id = ANY (ARRAY(SELECT id FROM sessions WHERE account_id = $1 \
             ORDER BY COALESCE(last_used_at, began_at) DESC, id DESC OFFSET $2))",
            account,
            i64::from(keep.saturating_sub(1)),
        );
        self.execute(statement).await
    }
}
