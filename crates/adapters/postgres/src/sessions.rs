//! Sessions.

use std::collections::HashMap;

use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{Account, AccountId, Session, SessionId, TokenEpoch, TokenUse};
use vestibule_ports::{Advance, AdvanceSessions, Advanced, ReadSessions, Sessions, StoreError};

use crate::{
    pool::Lease,
    rows::{AccountRow, SessionRow, integer},
    store::PostgresStore,
    unit::PostgresUnit,
};

/// A row of a query as a [`SessionRow`]: the macros of the driver give each query a type of its own.
macro_rules! session_row {
    () => {
        |row| SessionRow {
            id: row.session_id,
            account_id: row.account_id,
            epoch: row.session_epoch,
            counter: row.counter,
            last_used_at: row.last_used_at,
            last_use_key: row.last_use_key,
            began_at: row.began_at,
            account: (|| {
                Some(AccountRow {
                    id: row.id?,
                    email: row.email?,
                    username: row.username,
                    full_name: row.full_name,
                    first_name: row.first_name,
                    last_name: row.last_name,
                    role: row.role?,
                    status: row.status?,
                    permissions: row.permissions?,
                    mailbox_proven_at: row.mailbox_proven_at,
                    epoch: row.epoch?,
                    password_hash: row.password_hash,
                    google_user_id: row.google_user_id,
                    google_picture: row.google_picture,
                    facebook_user_id: row.facebook_user_id,
                    facebook_picture: row.facebook_picture,
                    apple_user_id: row.apple_user_id,
                    apple_picture: row.apple_picture,
                    last_sign_in_at: row.last_sign_in_at,
                    failed_sign_ins: row.failed_sign_ins?,
                    last_failed_sign_in_at: row.last_failed_sign_in_at,
                    created_at: row.created_at?,
                    updated_at: row.updated_at?,
                })
            })(),
        }
    };
}

#[async_trait]
impl ReadSessions for PostgresStore {
    async fn find(&self, id: SessionId) -> Result<Option<Session<Account>>, StoreError> {
        let row = |mut lease: Lease| async move {
            (
                sqlx::query!(
                    "SELECT session.id AS session_id, session.account_id, session.epoch AS session_epoch, \
                 session.counter, \
                 session.last_used_at, session.last_use_key, session.began_at, a.id AS \"id?\", a.email AS \
                 \"email?\", a.username, a.full_name, \
                 a.first_name, a.last_name, a.role AS \"role?\", a.status AS \"status?\", a.permissions AS \
                 \"permissions?\", a.mailbox_proven_at, a.epoch AS \"epoch?\", \
                 a.password_hash, a.google_user_id, a.google_picture, a.facebook_user_id, a.facebook_picture, \
                 a.apple_user_id, a.apple_picture, a.last_sign_in_at, a.failed_sign_ins AS \
                 \"failed_sign_ins?\", a.last_failed_sign_in_at, \
                 a.created_at AS \"created_at?\", a.updated_at AS \"updated_at?\" FROM sessions session LEFT \
                 JOIN accounts a ON a.id = session.account_id \
                 WHERE session.id = $1",
                    id.uuid(),
                )
                .map(session_row!())
                .fetch_optional(&mut *lease)
                .await,
                lease,
            )
        };
        self.connections.alone(row).await?.map(TryInto::try_into).transpose()
    }
}

#[async_trait]
impl AdvanceSessions for PostgresStore {
    /// What another transaction holds is passed over: so nobody waits, and no two can wait for each other. `before` is the
    /// row that the statement finds when it begins; where that is not the last version of it, the conditions are looked at
    /// again with the last one, which has another counter or another epoch.
    async fn advance(&self, uses: &[Advance]) -> Result<Vec<Option<Advanced>>, StoreError> {
        let ids: Vec<_> = uses.iter().map(|this| this.session.uuid()).collect();
        let counters: Vec<_> = uses.iter().map(|this| integer(this.counter)).collect();
        let times: Vec<_> = uses.iter().map(|this| this.this.at).collect();
        let keys: Vec<_> = uses.iter().map(|this| key(Some(&this.this))).collect();
        let (ids, counters, times, keys) = (&ids, &counters, &times, &keys);
        let rows = |mut lease: Lease| async move {
            (
                sqlx::query!(
                    "UPDATE sessions session \
                 SET counter = session.counter + 1, last_used_at = this.at, last_use_key = this.key \
                 FROM unnest($1::uuid[], $2::integer[], $3::timestamptz[], $4::bytea[]) this (id, counter, at, key) \
                 JOIN sessions before ON before.id = this.id LEFT JOIN accounts a ON a.id = before.account_id \
                 WHERE session.id = before.id AND session.counter = this.counter \
                 AND (session.account_id IS NULL OR a.status = 'active' AND a.epoch = session.epoch) AND session.id = ANY (ARRAY(SELECT id FROM sessions \
                 WHERE id = ANY ($1) FOR NO KEY UPDATE SKIP LOCKED)) \
                 RETURNING before.id AS session_id, before.account_id, before.epoch AS session_epoch, before.counter, \
                 before.last_used_at, before.last_use_key, before.began_at, a.id AS \"id?\", a.email AS \
                 \"email?\", a.username, a.full_name, \
                 a.first_name, a.last_name, a.role AS \"role?\", a.status AS \"status?\", a.permissions AS \
                 \"permissions?\", a.mailbox_proven_at, a.epoch AS \"epoch?\", \
                 a.password_hash, a.google_user_id, a.google_picture, a.facebook_user_id, a.facebook_picture, \
                 a.apple_user_id, a.apple_picture, a.last_sign_in_at, a.failed_sign_ins AS \
                 \"failed_sign_ins?\", a.last_failed_sign_in_at, \
                 a.created_at AS \"created_at?\", a.updated_at AS \"updated_at?\"",
                    ids,
                    counters,
                    times,
                    keys as _,
                )
                .map(session_row!())
                .fetch_all(&mut *lease)
                .await,
                lease,
            )
        };
        let rows = self.connections.alone(rows).await?;
        let mut advanced = HashMap::with_capacity(rows.len());
        for row in rows {
            advanced.insert(row.id, row.try_into()?);
        }
        Ok(ids.iter().map(|id| advanced.remove(id)).collect())
    }
}

#[async_trait]
impl Sessions for PostgresUnit {
    async fn insert(&mut self, session: &Session, keep: u32) -> Result<u64, StoreError> {
        let account = session.owner.account().map(AccountId::uuid);
        let ended = match account {
            Some(account) => self.make_room(account, keep).await?,
            None => 0,
        };
        let epoch = session.owner.epoch();
        let statement = sqlx::query!(
            "INSERT INTO sessions (id, account_id, epoch, counter, last_used_at, last_use_key, began_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            session.id.uuid(),
            account,
            epoch.as_ref().map(|epoch| epoch.bytes().as_slice()),
            integer(session.counter),
            session.last_use.map(|last| last.at),
            key(session.last_use.as_ref()),
            session.began_at,
        );
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

    async fn purge_begun(&mut self, by: OffsetDateTime) -> Result<u64, StoreError> {
        // What another unit holds is left for the next call.
        let statement = sqlx::query!(
            "DELETE FROM sessions WHERE id = ANY (ARRAY(SELECT id FROM sessions \
             WHERE began_at <= $1 ORDER BY began_at LIMIT 1000 FOR UPDATE SKIP LOCKED))",
            by,
        );
        self.execute(statement).await
    }
}

impl PostgresUnit {
    /// Ends the sessions of an account but for the `keep - 1` that were used last; how many ended.
    async fn make_room(&mut self, account: Uuid, keep: u32) -> Result<u64, StoreError> {
        // A unit that adds to the same account waits here, and then sees what was added: the next statement looks anew.
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

/// The digest of the client's key for a use, if it had one.
fn key(last: Option<&TokenUse>) -> Option<&[u8]> {
    last.and_then(|last| last.key.as_ref()).map(|key| key.bytes().as_slice())
}
