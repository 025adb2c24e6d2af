//! Rows of throttles.

use vestibule_domain::throttle::ThrottleState;

use super::{StoredTime, optional_time, time, valid};
use crate::StoreError;

/// A row of a throttle, without its key.
pub struct StoredThrottle<T> {
    pub count: i64,
    pub window_ends_at: T,
    pub blocked_until: Option<T>,
}

rows! {
    /// A row of a throttle with its key.
    pub struct StoredKeyedThrottle<T> {
        pub key: String,
        pub count: i64,
        pub window_ends_at: T,
        pub blocked_until: Option<T>,
    }
}

impl<T: StoredTime> StoredKeyedThrottle<T> {
    /// The key, and how it stands.
    pub fn parts(self) -> Result<(String, ThrottleState), StoreError> {
        let Self { key, count, window_ends_at, blocked_until } = self;
        Ok((key, StoredThrottle { count, window_ends_at, blocked_until }.try_into()?))
    }

    /// The row of a key that stands so.
    pub fn of(key: String, state: &ThrottleState) -> Self {
        let StoredThrottle { count, window_ends_at, blocked_until } = state.into();
        Self { key, count, window_ends_at, blocked_until }
    }
}

impl<T: StoredTime> TryFrom<StoredThrottle<T>> for ThrottleState {
    type Error = StoreError;

    fn try_from(row: StoredThrottle<T>) -> Result<Self, StoreError> {
        Ok(Self {
            count: valid(row.count.try_into(), "count of a throttle")?,
            window_ends_at: time(row.window_ends_at, "window of a throttle")?,
            blocked_until: optional_time(row.blocked_until, "wait of a throttle")?,
        })
    }
}

impl<T: StoredTime> From<&ThrottleState> for StoredThrottle<T> {
    fn from(state: &ThrottleState) -> Self {
        Self {
            count: state.count.into(),
            window_ends_at: T::of(state.window_ends_at),
            blocked_until: state.blocked_until.map(T::of),
        }
    }
}
