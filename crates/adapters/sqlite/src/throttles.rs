//! Throttles in SQLite.

use async_trait::async_trait;
use time::{Duration, OffsetDateTime};
use vestibule_domain::{
    ThrottleRule,
    throttle::{ThrottleState, Throttled},
};
use vestibule_ports::{StoreError, Throttles};

use crate::{
    errors::translate,
    rows::{ThrottleRow, micros, time},
    unit::SqliteUnit,
};

fn span(duration: Duration) -> i64 {
    i64::try_from(duration.whole_microseconds()).unwrap_or(i64::MAX)
}

#[async_trait]
impl Throttles for SqliteUnit {
    async fn take(
        &mut self,
        key: &str,
        rule: &ThrottleRule,
        now: OffsetDateTime,
    ) -> Result<Result<ThrottleState, Throttled>, StoreError> {
        // The first take of a window is worked out here, each later one by the statement from what is stored.
        let first = match ThrottleState::take(None, rule, now) {
            Ok(first) => first,
            Err(throttled) => return Ok(Err(throttled)),
        };
        let (window_ends_at, blocked_until, now) =
            (micros(first.window_ends_at), micros(first.blocked_until), micros(now));
        let [first_wait, second_wait, later_waits] = rule.waits.map(span);
        let row = sqlx::query_as!(
            ThrottleRow,
            "INSERT INTO throttles AS t (key, count, window_ends_at, blocked_until) VALUES (?1, 1, ?2, ?3)
            ON CONFLICT (key) DO UPDATE
            SET count = CASE WHEN t.window_ends_at <= ?4 THEN 1 ELSE t.count + 1 END,
                window_ends_at = CASE WHEN t.window_ends_at <= ?4 THEN excluded.window_ends_at ELSE t.window_ends_at END,
                blocked_until = CASE
                    WHEN t.window_ends_at <= ?4 THEN excluded.blocked_until
                    WHEN t.count + 1 >= ?5 THEN t.window_ends_at
                    WHEN t.count + 1 <= ?6 THEN ?4
                    WHEN t.count + 1 = ?6 + 1 THEN ?4 + ?7
                    WHEN t.count + 1 = ?6 + 2 THEN ?4 + ?8
                    ELSE ?4 + ?9
                END
            WHERE t.window_ends_at <= ?4 OR t.blocked_until <= ?4
            RETURNING count, window_ends_at, blocked_until",
            key,
            window_ends_at,
            blocked_until,
            now,
            rule.limit,
            rule.free,
            first_wait,
            second_wait,
            later_waits
        )
        .fetch_optional(self.connection())
        .await
        .map_err(translate)?;
        if let Some(row) = row {
            return row.try_into().map(Ok);
        }
        // Nothing was taken; no other unit can change the row before this one ends.
        let until = sqlx::query_scalar!("SELECT blocked_until FROM throttles WHERE key = ?", key)
            .fetch_one(self.connection())
            .await
            .map_err(translate)?;
        Ok(Err(Throttled { until: time(until, "wait of a throttle")? }))
    }

    async fn reset(&mut self, key: &str) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM throttles WHERE key = ?", key).execute(self.connection()).await.map_err(translate)?;
        Ok(())
    }

    async fn purge_ended(&mut self, now: OffsetDateTime) -> Result<u64, StoreError> {
        let now = micros(now);
        let purged = sqlx::query!(
            "DELETE FROM throttles WHERE key IN (
                SELECT key FROM throttles WHERE window_ends_at <= ? ORDER BY window_ends_at LIMIT 1000
            )",
            now
        )
        .execute(self.connection())
        .await
        .map_err(translate)?;
        Ok(purged.rows_affected())
    }
}
