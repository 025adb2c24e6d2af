//! What kind of body a route takes, and of answer it gives.

use std::time::Duration;

use crate::RequestLimits;

/// How far a body that has room may fall behind the bytes of a second.
const GRACE: Duration = Duration::from_secs(10);
/// The bytes of an upload for which one second is added to the time of a body.
const BYTES_A_SECOND: usize = 64 * 1_024;

/// What a route takes and gives: it decides how large and how slow a body may be, and what the description says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Takes a JSON body of at most so many bytes, and of no more than the settings allow; answers with JSON.
    Json {
        /// The most bytes.
        limit: usize,
    },
    /// Takes a JSON body with pictures in it, of at most so many bytes; answers with JSON.
    Pictures {
        /// The most bytes.
        limit: usize,
    },
    /// Takes a form with files, of at most so many bytes; answers with JSON.
    Upload {
        /// The most bytes.
        limit: usize,
    },
    /// Takes no body; answers with what it has, such as a page or a file.
    Bytes,
    /// Takes no body; answers with events for as long as the client listens.
    Events,
}

impl Kind {
    /// JSON of at most 100 KiB.
    pub const JSON: Self = Self::Json { limit: 100 * 1_024 };

    /// The most bytes of a body.
    pub(crate) fn body_bytes(self, settings: &RequestLimits) -> usize {
        match self {
            Self::Json { limit } => limit.min(settings.body_bytes),
            Self::Pictures { limit } | Self::Upload { limit } => limit,
            Self::Bytes | Self::Events => 0,
        }
    }

    /// How long a body may take: one with pictures and an upload have the time of a JSON body, and a second more for each 64 KiB that it may have.
    pub(crate) fn body_time(self, settings: &RequestLimits) -> Duration {
        match self {
            Self::Json { .. } | Self::Bytes | Self::Events => settings.body_time,
            Self::Pictures { limit } | Self::Upload { limit } => {
                let seconds = u64::try_from(limit / BYTES_A_SECOND).unwrap_or(u64::MAX);
                settings.body_time.saturating_add(Duration::from_secs(seconds))
            }
        }
    }

    /// How fast a body has to come all the while: one with pictures takes room from others.
    pub(crate) fn pace(self, settings: &RequestLimits) -> Option<Pace> {
        matches!(self, Self::Pictures { .. }).then(|| Pace { grace: settings.body_time.min(GRACE) })
    }

    /// The content type of a body.
    pub(crate) const fn request_type(self) -> &'static str {
        match self {
            Self::Json { .. } | Self::Pictures { .. } | Self::Bytes | Self::Events => "application/json",
            Self::Upload { .. } => "multipart/form-data",
        }
    }

    /// The content type of a success.
    pub(crate) const fn success_type(self) -> &'static str {
        match self {
            Self::Json { .. } | Self::Pictures { .. } | Self::Upload { .. } => "application/json",
            Self::Bytes => "application/octet-stream",
            Self::Events => "text/event-stream",
        }
    }
}

/// 64 KiB a second, with some grace.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    grace: Duration,
}

impl Pace {
    /// How long so many bytes may take, and the next one.
    pub(crate) fn time_for(self, bytes: usize) -> Duration {
        let seconds = u64::try_from(bytes / BYTES_A_SECOND).unwrap_or(u64::MAX);
        self.grace.saturating_add(Duration::from_secs(seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_bound_json_and_no_upload() {
        let settings = RequestLimits { body_bytes: 1_000, ..RequestLimits::default() };
        assert_eq!(Kind::JSON.body_bytes(&settings), 1_000);
        assert_eq!(Kind::Json { limit: 10 }.body_bytes(&settings), 10);
        assert_eq!(Kind::Upload { limit: 10_000 }.body_bytes(&settings), 10_000);
        assert_eq!((Kind::Bytes.body_bytes(&settings), Kind::Events.body_bytes(&settings)), (0, 0));
    }

    #[test]
    fn an_upload_may_take_longer_the_larger_it_may_be() {
        let settings = RequestLimits::default();
        assert_eq!(Kind::JSON.body_time(&settings), Duration::from_secs(30));
        assert_eq!(Kind::Upload { limit: 10 * 1_024 * 1_024 }.body_time(&settings), Duration::from_secs(190));
    }
}
