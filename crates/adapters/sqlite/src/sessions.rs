//! Sessions in SQLite.

use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{Account, AccountId, Session, SessionId, TokenEpoch, TokenUse};
use vestibule_ports::{Advance, AdvanceSessions, Advanced, ReadSessions, Sessions, StoreError, UnitOfWork};

use crate::{
    errors::translate,
    rows::{AccountRow, SessionRow, micros},
    store::SqliteStore,
    unit::SqliteUnit,
};

#[async_trait]
impl ReadSessions for SqliteStore {
    async fn find(&self, id: SessionId) -> Result<Option<Session<Account>>, StoreError> {
        let id = id.uuid();
        let mut reader = self.reader().await?;
        let row = sqlx::query!(
            r#"SELECT session.account_id AS "account_id: Uuid", session.epoch AS session_epoch, session.counter, session.last_used_at, session.last_use_key,
                session.began_at, a.id AS "id: Uuid", a.email, a.username, a.full_name, a.first_name, a.last_name,
                a.role, a.status, a.permissions, a.mailbox_proven_at, a.epoch, a.password_hash, a.google_user_id,
                a.google_picture, a.facebook_user_id, a.facebook_picture, a.apple_user_id, a.apple_picture,
                a.last_sign_in_at, a.failed_sign_ins, a.last_failed_sign_in_at, a.created_at, a.updated_at
            FROM sessions AS session LEFT JOIN accounts AS a ON a.id = session.account_id WHERE session.id = ?"#,
            id
        )
        .map(|row| SessionRow {
            id,
            account_id: row.account_id,
            epoch: row.session_epoch,
            counter: row.counter,
            last_used_at: row.last_used_at,
            last_use_key: row.last_use_key,
            began_at: row.began_at,
            account: (|| Some(AccountRow {
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
            }))(),
        })
        .fetch_optional(&mut *reader)
        .await
        .map_err(|error| reader.failed(error))?;
        row.map(TryInto::try_into).transpose()
    }
}

#[async_trait]
impl AdvanceSessions for SqliteStore {
    /// A look at each, which waits for nobody, and a transaction for those that are as they should be, each of which is changed
    /// only while that still holds.
    async fn advance(&self, uses: &[Advance]) -> Result<Vec<Option<Advanced>>, StoreError> {
        let mut all = Vec::with_capacity(uses.len());
        for this in uses {
            let is_current = |session: &Advanced| session.counter == this.counter && session.is_usable();
            all.push(self.find(this.session).await?.filter(is_current));
        }
        if all.iter().any(Option::is_some) {
            let mut unit = self.unit().await?;
            for (this, before) in uses.iter().zip(&mut all).filter(|(_, before)| before.is_some()) {
                if !unit.advance(this).await? {
                    *before = None;
                }
            }
            Box::new(unit).commit().await?;
        }
        Ok(all)
    }
}

impl SqliteUnit {
    async fn advance(&mut self, &Advance { session, counter, this }: &Advance) -> Result<bool, StoreError> {
        let (id, used_at, key) = (session.uuid(), micros(this.at), key(Some(&this)));
        let advanced = sqlx::query!(
            "UPDATE sessions SET counter = counter + 1, last_used_at = ?3, last_use_key = ?4
            WHERE id = ?1 AND counter = ?2 AND (account_id IS NULL OR EXISTS (SELECT 1 FROM accounts
                WHERE accounts.id = account_id AND accounts.epoch = sessions.epoch AND status = 'active'))",
            id,
            counter,
            used_at,
            key
        )
        .execute(self.connection())
        .await
        .map_err(translate)?;
        Ok(advanced.rows_affected() == 1)
    }
}

#[async_trait]
impl Sessions for SqliteUnit {
    async fn insert(&mut self, session: &Session, keep: u32) -> Result<u64, StoreError> {
        let (id, account) = (session.id.uuid(), session.owner.account().map(AccountId::uuid));
        let epoch = session.owner.epoch();
        let (epoch, others) = (epoch.as_ref().map(|epoch| epoch.bytes().as_slice()), i64::from(keep.saturating_sub(1)));
        // For an anonymous session the account is null, which none equals: nothing ends.
        let ended = sqlx::query!(
            "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE account_id = ?
            ORDER BY coalesce(last_used_at, began_at) DESC, id DESC LIMIT -1 OFFSET ?)",
            account,
            others
        )
        .execute(self.connection())
        .await
        .map_err(translate)?;
        let (used_at, key) = (session.last_use.map(|last| micros(last.at)), key(session.last_use.as_ref()));
        let began_at = micros(session.began_at);
        sqlx::query!(
            "INSERT INTO sessions (id, account_id, epoch, counter, last_used_at, last_use_key, began_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)",
            id,
            account,
            epoch,
            session.counter,
            used_at,
            key,
            began_at
        )
        .execute(self.connection())
        .await
        .map_err(translate)?;
        Ok(ended.rows_affected())
    }

    async fn rebind(&mut self, id: SessionId, epoch: TokenEpoch) -> Result<bool, StoreError> {
        let (id, epoch) = (id.uuid(), epoch.bytes().as_slice());
        let bound = sqlx::query!("UPDATE sessions SET epoch = ? WHERE id = ? AND account_id IS NOT NULL", epoch, id)
            .execute(self.connection())
            .await
            .map_err(translate)?;
        Ok(bound.rows_affected() == 1)
    }

    async fn remove(&mut self, id: SessionId) -> Result<bool, StoreError> {
        let id = id.uuid();
        let removed = sqlx::query!("DELETE FROM sessions WHERE id = ?", id)
            .execute(self.connection())
            .await
            .map_err(translate)?;
        Ok(removed.rows_affected() == 1)
    }

    async fn remove_of_account(&mut self, account: AccountId) -> Result<u64, StoreError> {
        let account = account.uuid();
        let removed = sqlx::query!("DELETE FROM sessions WHERE account_id = ?", account)
            .execute(self.connection())
            .await
            .map_err(translate)?;
        Ok(removed.rows_affected())
    }

    async fn purge_begun(&mut self, by: OffsetDateTime) -> Result<u64, StoreError> {
        let by = micros(by);
        let purged = sqlx::query!(
            "DELETE FROM sessions
            WHERE id IN (SELECT id FROM sessions WHERE began_at <= ? ORDER BY began_at LIMIT 1000)",
            by
        )
        .execute(self.connection())
        .await
        .map_err(translate)?;
        Ok(purged.rows_affected())
    }
}

/// The digest of the client's key for a use, if it had one.
fn key(last: Option<&TokenUse>) -> Option<&[u8]> {
    last.and_then(|last| last.key.as_ref()).map(|key| key.bytes().as_slice())
}
