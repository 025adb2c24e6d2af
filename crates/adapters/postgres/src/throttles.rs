//! Throttles.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{
    ThrottleRule,
    account::to_microseconds,
    throttle::{ThrottleState, Throttled},
};
use vestibule_ports::{StoreError, Throttles, stored::StoredThrottle};

use crate::unit::PostgresUnit;

/// A row of `throttles`, without its key.
type ThrottleRow = StoredThrottle<OffsetDateTime>;

#[async_trait]
impl Throttles for PostgresUnit {
    async fn take(
        &mut self,
        key: &str,
        rule: &ThrottleRule,
        now: OffsetDateTime,
    ) -> Result<Result<ThrottleState, Throttled>, StoreError> {
        let now = to_microseconds(now);
        let before = self.lock_throttle(key, now).await?;
        let taken = ThrottleState::take(Some(before), rule, now);
        if let Some(state) = ThrottleState::left_by(taken) {
            self.update_throttle(key, &state).await?;
        }
        Ok(taken)
    }

    async fn reset(&mut self, key: &str) -> Result<(), StoreError> {
        let statement = sqlx::query!("DELETE FROM throttles WHERE key = $1", key);
        self.execute(statement).await.map(drop)
    }

    async fn purge_ended(&mut self, now: OffsetDateTime) -> Result<u64, StoreError> {
        let statement = sqlx::query!(
            "DELETE FROM throttles WHERE key = ANY (ARRAY(SELECT key FROM throttles WHERE window_ends_at <= $1 \
             ORDER BY window_ends_at LIMIT 1000 FOR UPDATE SKIP LOCKED))",
            now,
        );
        self.execute(statement).await
    }
}

impl PostgresUnit {
    /// The state of a key, locked until the unit ends. A missing key gets an expired window first, so that a take costs the
    /// same either way: its duration must not reveal whether the key was counted before.
    async fn lock_throttle(&mut self, key: &str, now: OffsetDateTime) -> Result<ThrottleState, StoreError> {
        let outcome = sqlx::query_as!(
            ThrottleRow,
            "INSERT INTO throttles AS stored (key, count, window_ends_at) VALUES ($1, 1, $2) \
             ON CONFLICT (key) DO UPDATE SET count = stored.count RETURNING count, window_ends_at, blocked_until",
            key,
            now,
        )
        .fetch_one(&mut *self.transaction)
        .await;
        self.checked(outcome)?.try_into()
    }

    async fn update_throttle(&mut self, key: &str, state: &ThrottleState) -> Result<(), StoreError> {
        let row = ThrottleRow::from(state);
        let statement = sqlx::query!(
            "UPDATE throttles SET count = $2, window_ends_at = $3, blocked_until = $4 WHERE key = $1",
            key,
            row.count,
            row.window_ends_at,
            row.blocked_until,
        );
        self.execute(statement).await.map(drop)
    }
}
