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

#[async_trait]
impl Throttles for PostgresUnit {
    async fn take(
        &mut self,
        key: &str,
        rule: &ThrottleRule,
        now: OffsetDateTime,
    ) -> Result<Result<ThrottleState, Throttled>, StoreError> {
        // What the domain would say of a new window, and of each wait, goes in as times: the statement only chooses.
        let new_window_ends_at = now + rule.window;
        let first_blocked_until = if rule.limit <= 1 { new_window_ends_at } else { now + rule.wait_after(1) };
        let free_again = [now, now + rule.waits[0], now + rule.waits[1], now + rule.waits[2]];
        let outcome = sqlx::query_as!(
            ThrottleRow,
            "INSERT INTO throttles AS t (key, count, window_ends_at, blocked_until) VALUES ($1, 1, $3, $4) \
             ON CONFLICT (key) DO UPDATE SET \
               count = CASE WHEN t.window_ends_at <= $2 THEN 1 ELSE t.count + 1 END, \
               window_ends_at = CASE WHEN t.window_ends_at <= $2 THEN $3 ELSE t.window_ends_at END, \
               blocked_until = CASE \
                 WHEN t.window_ends_at <= $2 THEN $4 \
                 WHEN t.count + 1 >= $6 THEN t.window_ends_at \
                 ELSE ($7::timestamptz[])[1 + LEAST(GREATEST(t.count + 1 - $5, 0), 3)] END \
             WHERE t.window_ends_at <= $2 OR t.blocked_until <= $2 \
             RETURNING count, window_ends_at, blocked_until",
            key,
            now,
            new_window_ends_at,
            first_blocked_until,
            integer(rule.free),
            integer(rule.limit),
            free_again.as_slice(),
        )
        .fetch_optional(&mut *self.transaction)
        .await;
        let granted = self.checked(outcome)?;
        if let Some(row) = granted {
            return ThrottleState::try_from(row).map(Ok);
        }
        // The statement above has locked the row that refused it, so it is still there and the same.
        let outcome = sqlx::query_scalar!("SELECT blocked_until FROM throttles WHERE key = $1", key)
            .fetch_optional(&mut *self.transaction)
            .await;
        let until = self.checked(outcome)?.ok_or(StoreError::Busy(None))?;
        Ok(Err(Throttled { until }))
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
