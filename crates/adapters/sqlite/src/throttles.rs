//! Throttles in SQLite.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{
    ThrottleRule,
    account::to_microseconds,
    throttle::{ThrottleState, Throttled},
};
use vestibule_ports::{
    StoreError, Throttles,
    stored::{StoredThrottle, micros},
};

use crate::unit::SqliteUnit;

/// A row of `throttles`, without its key.
type ThrottleRow = StoredThrottle<i64>;

#[async_trait]
impl Throttles for SqliteUnit {
    async fn take(
        &mut self,
        key: &str,
        rule: &ThrottleRule,
        now: OffsetDateTime,
    ) -> Result<Result<ThrottleState, Throttled>, StoreError> {
        // No other unit can change the row before this one ends.
        let before = sqlx::query_as!(
            ThrottleRow,
            "SELECT count, window_ends_at, blocked_until FROM throttles WHERE key = ?",
            key
        )
        .fetch_optional(self.connection())
        .await
        .map_err(|error| self.failed(error))?;
        let before = before.map(ThrottleState::try_from).transpose()?;
        let taken = ThrottleState::take(before, rule, to_microseconds(now));
        if let Some(state) = ThrottleState::left_by(taken) {
            self.store_throttle(key, &state).await?;
        }
        Ok(taken)
    }

    async fn reset(&mut self, key: &str) -> Result<(), StoreError> {
        let statement = sqlx::query!("DELETE FROM throttles WHERE key = ?", key);
        self.execute(statement).await.map(drop)
    }

    async fn purge_ended(&mut self, now: OffsetDateTime) -> Result<u64, StoreError> {
        let now = micros(now);
        let statement = sqlx::query!(
            "DELETE FROM throttles WHERE key IN (
                SELECT key FROM throttles WHERE window_ends_at <= ? ORDER BY window_ends_at LIMIT 1000
            )",
            now
        );
        self.execute(statement).await
    }
}

impl SqliteUnit {
    async fn store_throttle(&mut self, key: &str, state: &ThrottleState) -> Result<(), StoreError> {
        let row = ThrottleRow::from(state);
        let statement = sqlx::query!(
            "INSERT INTO throttles (key, count, window_ends_at, blocked_until) VALUES (?, ?, ?, ?)
            ON CONFLICT (key) DO UPDATE SET count = excluded.count, window_ends_at = excluded.window_ends_at,
                blocked_until = excluded.blocked_until",
            key,
            row.count,
            row.window_ends_at,
            row.blocked_until
        );
        self.execute(statement).await.map(drop)
    }
}
