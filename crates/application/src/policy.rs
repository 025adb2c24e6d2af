//! The numbers that can be set, in groups; [`crate::Policy`] holds them.

use std::num::NonZeroU32;

use time::Duration;
use vestibule_domain::{OneTimeCode, ThrottleRule, mail::OutboxMail};

/// How often codes may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeTries {
    /// How many tries use a code up.
    pub per_code: u32,
    /// Wrong codes for one account, over all codes.
    pub per_account: ThrottleRule,
}

/// 5 a code, 10 an account in 24 hours.
impl Default for CodeTries {
    fn default() -> Self {
        Self { per_code: OneTimeCode::TRIES, per_account: ThrottleRule::CODE_TRIES }
    }
}

/// How long mailed links work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkLifetimes {
    /// Those that set a new password.
    pub reset: Duration,
    /// Those that prove a mailbox.
    pub verification: Duration,
}

/// 1 hour and 24 hours.
impl Default for LinkLifetimes {
    fn default() -> Self {
        Self { reset: Duration::hours(1), verification: Duration::hours(24) }
    }
}

/// How much mail one mailbox gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailboxLimits {
    /// For one purpose.
    pub interval: ThrottleRule,
    /// In an hour.
    pub hourly: ThrottleRule,
    /// In a day.
    pub daily: ThrottleRule,
}

/// One a minute, 5 an hour, 10 a day.
impl Default for MailboxLimits {
    fn default() -> Self {
        Self {
            interval: ThrottleRule::MAIL_INTERVAL,
            hourly: ThrottleRule::MAIL_HOURLY,
            daily: ThrottleRule::MAIL_DAILY,
        }
    }
}

/// What each node counts per source or account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeLimits {
    /// Sign-ins from one source.
    pub sign_ins_per_minute: NonZeroU32,
    /// Registrations from one source.
    pub registrations_per_hour: NonZeroU32,
    /// Requests from one source that may send a mail.
    pub mails_per_hour: NonZeroU32,
    /// New passwords for one mailbox that come with a grant.
    pub resets_per_minute: NonZeroU32,
    /// Look-ups of contacts by one account.
    pub look_ups_per_hour: NonZeroU32,
    /// Contacts that one account may look up.
    pub identifiers_per_hour: NonZeroU32,
}

impl Default for NodeLimits {
    fn default() -> Self {
        Self {
            sign_ins_per_minute: per(10),
            registrations_per_hour: per(20),
            mails_per_hour: per(5),
            resets_per_minute: per(30),
            look_ups_per_hour: per(30),
            identifiers_per_hour: per(5_000),
        }
    }
}

const fn per(count: u32) -> NonZeroU32 {
    match NonZeroU32::new(count) {
        Some(count) => count,
        None => NonZeroU32::MIN,
    }
}

/// How long the delivery of mail is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxTimes {
    /// How long a worker may take over a batch before another may try its mails.
    pub lease: Duration,
    /// From which age a mail without an end of its own is given up.
    pub max_age: Duration,
}

/// 60 seconds and 24 hours.
impl Default for OutboxTimes {
    fn default() -> Self {
        Self { lease: Duration::seconds(60), max_age: OutboxMail::MAX_AGE }
    }
}
