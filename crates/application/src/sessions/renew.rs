//! Trading an access token for a younger one of the same session, where there are no refresh tokens.

use time::{Duration, OffsetDateTime};

use crate::{Identity, Sitting};

/// How long a renewed token lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renewal {
    /// From its renewal.
    pub lifetime: Duration,
    /// How long the tokens of a session can live at most, from its beginning.
    pub longest: Duration,
}

/// From when until when a token lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renewed {
    /// Now.
    pub at: OffsetDateTime,
    /// When it expires.
    pub expires_at: OffsetDateTime,
}

/// When the time of a session was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the session's time is over")]
pub struct Over(pub OffsetDateTime);

impl Renewal {
    /// How long a token lives that is issued at a time within a session; or when the session's time was over.
    pub fn of(self, began_at: OffsetDateTime, now: OffsetDateTime) -> Result<Renewed, Over> {
        let over = began_at + self.longest;
        if over > now { Ok(Renewed { at: now, expires_at: over.min(now + self.lifetime) }) } else { Err(Over(over)) }
    }
}

impl Identity {
    /// How long a younger token of the same session lives. Nothing is stored: the earlier token lives on until it expires,
    /// or the session ends.
    pub fn renew(&self, sitting: &Sitting, renewal: Renewal) -> Result<Renewed, Over> {
        renewal.of(sitting.began_at, self.core.now())
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_renewed_token_lives_its_time_and_never_longer_than_the_session() {
        let renewal = Renewal { lifetime: Duration::minutes(15), longest: Duration::hours(24) };
        let began = datetime!(2026-03-01 12:00 UTC);
        for (after, lives) in [
            (Duration::ZERO, Some(15)),
            (Duration::hours(23), Some(15)),
            (Duration::minutes(24 * 60 - 15), Some(15)),
            (Duration::minutes(24 * 60 - 4), Some(4)),
            (Duration::hours(24), None),
            (Duration::hours(25), None),
        ] {
            let renewed = renewal.of(began, began + after);
            let lived = renewed.map(|renewed| (renewed.expires_at - renewed.at).whole_minutes());
            assert_eq!(lived, lives.ok_or(Over(began + renewal.longest)), "{after}");
        }
    }
}
