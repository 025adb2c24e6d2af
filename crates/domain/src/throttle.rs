//! Throttles: how often something may be tried, and how long to wait in between.

use time::{Duration, OffsetDateTime};

/// How often something may be done under one key.
///
/// Within a window, the first `free` takes need no wait. Each later one imposes a wait, from `waits` in order (the last one
/// repeats). After `limit` takes the key is closed until the window ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThrottleRule {
    /// How long takes are remembered after the first of them.
    pub window: Duration,
    /// How many takes impose no wait.
    pub free: u32,
    /// The waits that later takes impose, in order.
    pub waits: [Duration; 3],
    /// After how many takes the key is closed; at least 1.
    pub limit: u32,
}

impl ThrottleRule {
    /// Password guesses on one account: 4 free, then 3 s, 10 s, 60 s; closed from 100 in 24 hours.
    pub const SIGN_IN: Self = Self {
        window: Duration::hours(24),
        free: 4,
        waits: [Duration::seconds(3), Duration::seconds(10), Duration::seconds(60)],
        limit: 100,
    };
    /// Wrong codes on one account over all purposes: 10 in 24 hours.
    pub const CODE_TRIES: Self = Self::counted(10, Duration::hours(24));
    /// Mails to one mailbox for one purpose: one a minute.
    pub const MAIL_INTERVAL: Self = Self::counted(1, Duration::seconds(60));
    /// Mails to one mailbox: five an hour.
    pub const MAIL_HOURLY: Self = Self::counted(5, Duration::hours(1));
    /// Mails to one mailbox: ten a day.
    pub const MAIL_DAILY: Self = Self::counted(10, Duration::hours(24));

    /// A number of takes in a window, without waits in between.
    pub const fn counted(limit: u32, window: Duration) -> Self {
        Self { window, free: limit, waits: [Duration::ZERO; 3], limit }
    }

    /// The wait that take number `count` of a window imposes.
    pub fn wait_after(&self, count: u32) -> Duration {
        match count.saturating_sub(self.free) {
            0 => Duration::ZERO,
            over => self.waits[usize::try_from(over - 1).unwrap_or(usize::MAX).min(self.waits.len() - 1)],
        }
    }
}

/// The state of a key; stores keep exactly this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThrottleState {
    /// Takes since the window began; at least 1.
    pub count: u32,
    /// When the window ends and the count begins anew.
    pub window_ends_at: OffsetDateTime,
    /// No take is granted before this time; none if the last take imposed no wait.
    pub blocked_until: Option<OffsetDateTime>,
}

impl ThrottleState {
    /// The state of a key after a take at `now`; an error says from when a take is granted.
    ///
    /// Takes may reach a store in another order than their clocks were read, nodes' clocks differ, and a clock that was
    /// ahead may be corrected. So a take is refused only because of an imposed wait, and never for longer than the rule
    /// says.
    pub fn take(before: Option<Self>, rule: &ThrottleRule, now: OffsetDateTime) -> Result<Self, Throttled> {
        let Some(before) = before.filter(|state| now < state.window_ends_at) else {
            return Ok(Self::granted(1, now + rule.window, rule, now));
        };
        let state = before.clipped(rule, now);
        match state.blocked_until {
            Some(until) if now < until => Err(Throttled { until, clipped: (state != before).then_some(state) }),
            _ => Ok(Self::granted(state.count.saturating_add(1), state.window_ends_at, rule, now)),
        }
    }

    /// The state to store after a take: the granted one, or the clipped one of a refusal.
    pub fn left_by(taken: Result<Self, Throttled>) -> Option<Self> {
        taken.map_or_else(|throttled| throttled.clipped, Some)
    }

    fn granted(count: u32, window_ends_at: OffsetDateTime, rule: &ThrottleRule, now: OffsetDateTime) -> Self {
        let until = if count >= rule.limit { window_ends_at } else { now + rule.wait_after(count) };
        Self { count, window_ends_at, blocked_until: (until > now).then_some(until) }
    }

    /// A time further ahead than the rule reaches was written by a clock that was ahead: it is brought back, and the count
    /// stays.
    fn clipped(self, rule: &ThrottleRule, now: OffsetDateTime) -> Self {
        let window_ends_at = self.window_ends_at.min(now + rule.window);
        let longest = if self.count >= rule.limit { window_ends_at } else { now + rule.wait_after(self.count) };
        Self { window_ends_at, blocked_until: self.blocked_until.map(|until| until.min(longest)), ..self }
    }
}

/// A take was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many tries: wait until {until}")]
pub struct Throttled {
    /// From when a take is granted again.
    pub until: OffsetDateTime,
    /// The state to store although nothing was taken, if the old one was written by a clock that was ahead.
    pub clipped: Option<ThrottleState>,
}

impl Throttled {
    /// Whole seconds to wait from now, at least 1: the value of `Retry-After`.
    pub fn retry_after(&self, now: OffsetDateTime) -> u64 {
        let milliseconds = u64::try_from((self.until - now).whole_milliseconds()).unwrap_or(0);
        milliseconds.div_ceil(1_000).max(1)
    }
}
