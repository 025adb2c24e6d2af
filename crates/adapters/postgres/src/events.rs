//! Security events.

use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{AccountId, EventId, SecurityEvent};
use vestibule_ports::{
    Events, ReadEvents, StoreError,
    stored::{StoredEvent, readable_all},
};

use crate::{
    columns::{columns, insert, select},
    connections::alone,
    store::PostgresStore,
    unit::PostgresUnit,
};

/// The most events of a list.
const MAX_LIST: u32 = 1000;

/// A row of `security_events`.
type EventRow = StoredEvent<OffsetDateTime>;

/// `SELECT` of whole rows; the argument follows the name of the table.
macro_rules! select_events {
    ($tail:literal, $($argument:expr),+) => {
        columns!(events select [
            EventRow, "SELECT id, account_id, actor_id", " FROM security_events " $tail, $($argument),+
        ])
    };
}

#[async_trait]
impl ReadEvents for PostgresStore {
    async fn list(
        &self,
        account: Option<AccountId>,
        before: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<SecurityEvent>, StoreError> {
        // No event has the greatest id: it stands for no bound and still lets the planner use the index.
        let before = before.map_or(Uuid::max(), EventId::uuid);
        let limit = i64::from(limit.min(MAX_LIST));
        let rows = match account {
            None => alone!(
                self.connections,
                fetch_all,
                select_events!("WHERE id < $1 ORDER BY id DESC LIMIT $2", before, limit)
            )?,
            Some(account) => {
                // Ordered by both columns, which gives the same order, so that the planner must use the index (account,
                // id): with the primary key alone, a list of an account with few events would read all events.
                alone!(
                    self.connections,
                    fetch_all,
                    select_events!(
                        "WHERE account_id >= $1 AND (account_id, id) < ($1, $2) \
                         ORDER BY account_id DESC, id DESC LIMIT $3",
                        account.uuid(),
                        before,
                        limit
                    )
                )?
            }
        };
        Ok(readable_all(rows))
    }
}

#[async_trait]
impl Events for PostgresUnit {
    async fn insert(&mut self, event: &SecurityEvent) -> Result<(), StoreError> {
        let row = EventRow::from(event);
        let statement = columns!(events insert [
            row (id, account_id, actor_id),
            "INSERT INTO security_events (id, account_id, actor_id", ") VALUES ($1, $2, $3", ")"
        ]);
        self.execute(statement).await.map(drop)
    }

    async fn purge_before(&mut self, time: OffsetDateTime) -> Result<u64, StoreError> {
        // Rows that another unit has locked are left for the next call.
        let statement = sqlx::query!(
            "DELETE FROM security_events WHERE id = ANY (ARRAY(SELECT id FROM security_events WHERE at < $1 \
             ORDER BY at LIMIT 1000 FOR UPDATE SKIP LOCKED))",
            time,
        );
        self.execute(statement).await
    }
}
