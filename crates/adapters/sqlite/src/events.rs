//! Security events in SQLite.

use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{AccountId, EventId, SecurityEvent};
use vestibule_ports::{
    Events, ReadEvents, StoreError,
    stored::{StoredEvent, micros, readable_all},
};

use crate::{
    columns::{columns, insert, select},
    store::SqliteStore,
    unit::SqliteUnit,
};

/// The most events of a list.
const LIST_LIMIT: u32 = 1000;

/// A row of `security_events`.
type EventRow = StoredEvent<i64>;

/// `SELECT` of whole rows; the argument follows the name of the table.
macro_rules! select_events {
    ($tail:literal, $($argument:expr),+) => {
        columns!(events select [
            EventRow,
            "SELECT id AS \"id: Uuid\", account_id AS \"account_id: Uuid\", actor_id AS \"actor_id: Uuid\"",
            " FROM security_events " $tail,
            $($argument),+
        ])
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
        // No event has the greatest id, so it stands for no bound and the index is still used.
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
        Ok(readable_all(rows.map_err(|error| reader.failed(error))?))
    }
}

#[async_trait]
impl Events for SqliteUnit {
    async fn insert(&mut self, event: &SecurityEvent) -> Result<(), StoreError> {
        let row = EventRow::from(event);
        let statement = columns!(events insert [
            row (id, account_id, actor_id),
            "INSERT INTO security_events (id, account_id, actor_id", ") VALUES (?1, ?2, ?3", ")"
        ]);
        self.execute(statement).await.map(drop)
    }

    async fn purge_before(&mut self, time: OffsetDateTime) -> Result<u64, StoreError> {
        let time = micros(time);
        let statement = sqlx::query!(
            "DELETE FROM security_events
            WHERE id IN (SELECT id FROM security_events WHERE at < ? ORDER BY at LIMIT 1000)",
            time
        );
        self.execute(statement).await
    }
}
