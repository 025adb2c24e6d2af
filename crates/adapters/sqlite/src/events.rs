//! Security events in SQLite.

use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{AccountId, EventId, SecurityEvent};
use vestibule_ports::{Events, ReadEvents, StoreError};

use crate::{
    errors::translate,
    rows::{EventRow, actor_columns, micros},
    store::SqliteStore,
    unit::SqliteUnit,
};

/// The most events of a list.
const LIST_LIMIT: u32 = 1000;

/// All columns of the events that the rest of the statement selects.
macro_rules! select_events {
    ($tail:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            EventRow,
            r#"SELECT id AS "id: Uuid", kind, account_id AS "account_id: Uuid", actor, actor_id AS "actor_id: Uuid",
                source, request_id, at
            FROM security_events "# + $tail,
            $($argument),+
        )
    };
}

#[async_trait]
impl ReadEvents for SqliteStore {
    async fn list(
        &self,
        account: Option<AccountId>,
        before: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<SecurityEvent>, StoreError> {
        // No event has the greatest id of all, so this stands for the newest and the index is used all the same.
        let (before, limit) = (before.map_or(Uuid::max(), EventId::uuid), limit.min(LIST_LIMIT));
        let mut reader = self.reader().await?;
        let rows = match account.map(AccountId::uuid) {
            None => {
                select_events!("WHERE id < ? ORDER BY id DESC LIMIT ?", before, limit).fetch_all(&mut *reader).await
            }
            Some(account) => {
                select_events!("WHERE account_id = ? AND id < ? ORDER BY id DESC LIMIT ?", account, before, limit)
                    .fetch_all(&mut *reader)
                    .await
            }
        };
        rows.map_err(|error| reader.failed(error))?.into_iter().map(SecurityEvent::try_from).collect()
    }
}

#[async_trait]
impl Events for SqliteUnit {
    async fn insert(&mut self, event: &SecurityEvent) -> Result<(), StoreError> {
        let (id, kind, account) = (event.id.uuid(), event.kind.as_str(), event.account.map(AccountId::uuid));
        let (actor, actor_id) = actor_columns(event.actor);
        let source = event.origin.as_ref().map(|origin| origin.source.to_string());
        let request = event.origin.as_ref().map(|origin| origin.request.as_str());
        let at = micros(event.at);
        sqlx::query!(
            "INSERT INTO security_events (id, kind, account_id, actor, actor_id, source, request_id, at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            id,
            kind,
            account,
            actor,
            actor_id,
            source,
            request,
            at
        )
        .execute(self.connection())
        .await
        .map_err(translate)?;
        Ok(())
    }

    async fn purge_before(&mut self, time: OffsetDateTime) -> Result<u64, StoreError> {
        let time = micros(time);
        let purged = sqlx::query!(
            "DELETE FROM security_events
            WHERE id IN (SELECT id FROM security_events WHERE at < ? ORDER BY at LIMIT 1000)",
            time
        )
        .execute(self.connection())
        .await
        .map_err(translate)?;
        Ok(purged.rows_affected())
    }
}
