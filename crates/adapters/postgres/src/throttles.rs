//! Throttles.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{
    ThrottleRule,
    throttle::{ThrottleState, Throttled},
};
use vestibule_ports::{StoreError, Throttles};

use crate::{
    rows::{ThrottleRow, integer},
    unit::PostgresUnit,
};

/// How often a key is looked at that others keep resetting.
const ATTEMPTS: u32 = 8;

#[async_trait]
impl Throttles for PostgresUnit {
    async fn take(
        &mut self,
        key: &str,
        rule: &ThrottleRule,
        now: OffsetDateTime,
    ) -> Result<Result<ThrottleState, Throttled>, StoreError> {
        for _ in 0..ATTEMPTS {
            let first = ThrottleState::take(None, rule, now);
            let is_new = match &first {
                Ok(state) => self.insert_throttle(key, state).await?,
                Err(_) => false,
            };
            if is_new {
                return Ok(first);
            }
            // Gone, if another unit has reset the key meanwhile.
            let Some(before) = self.lock_throttle(key).await? else { continue };
            let taken = ThrottleState::take(Some(before), rule, now);
            if let Some(state) = ThrottleState::left_by(taken) {
                self.update_throttle(key, &state).await?;
            }
            return Ok(taken);
        }
        Err(StoreError::Busy(None))
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
    /// Stores the state of a key that has none; waits for another unit that does so.
    async fn insert_throttle(&mut self, key: &str, state: &ThrottleState) -> Result<bool, StoreError> {
        let statement = sqlx::query!(
            "INSERT INTO throttles (key, count, window_ends_at, blocked_until) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (key) DO NOTHING",
            key,
            integer(state.count),
            state.window_ends_at,
            state.blocked_until,
        );
        Ok(self.execute(statement).await? > 0)
    }

    async fn lock_throttle(&mut self, key: &str) -> Result<Option<ThrottleState>, StoreError> {
        let outcome = sqlx::query_as!(
            ThrottleRow,
            "SELECT count, window_ends_at, blocked_until FROM throttles WHERE key = $1 FOR UPDATE",
            key,
        )
        .fetch_optional(&mut *self.transaction)
        .await;
        self.checked(outcome)?.map(TryInto::try_into).transpose()
    }

    async fn update_throttle(&mut self, key: &str, state: &ThrottleState) -> Result<(), StoreError> {
        let statement = sqlx::query!(
            "UPDATE throttles SET count = $2, window_ends_at = $3, blocked_until = $4 WHERE key = $1",
            key,
            integer(state.count),
            state.window_ends_at,
            state.blocked_until,
        );
        self.execute(statement).await.map(drop)
    }
}
