//! Refresh families: the chain of refresh tokens that one sign-in on one client begins.
//!
//! Only the types are here so far; the rule of rotation arrives with the first dialect that has refresh tokens.

use time::{Duration, OffsetDateTime};

use crate::{AccountId, id::FamilyId};

/// How long a family lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshLifetime {
    /// From the last use.
    pub idle: Duration,
    /// From the sign-in.
    pub absolute: Duration,
}

/// Idle 7 days, absolute 30 days.
impl Default for RefreshLifetime {
    fn default() -> Self {
        Self { idle: Duration::days(7), absolute: Duration::days(30) }
    }
}

/// A family of refresh tokens, of which one is current.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshFamily {
    /// Its id.
    pub id: FamilyId,
    /// Whose it is.
    pub account: AccountId,
    /// How many tokens were issued before the current one.
    pub counter: u32,
    /// When the family began: the sign-in.
    pub began_at: OffsetDateTime,
    /// When its current token was issued.
    pub rotated_at: OffsetDateTime,
}

impl RefreshFamily {
    /// When the family ends if it is not used: the earlier of idle and absolute expiry.
    pub fn expires_at(&self, lifetime: RefreshLifetime) -> OffsetDateTime {
        (self.rotated_at + lifetime.idle).min(self.began_at + lifetime.absolute)
    }
}
