//! What can be set without changing a use case.

use std::num::NonZeroU32;

use time::Duration;
use vestibule_domain::{OneTimeCode, PasswordRules, RefreshRule, ThrottleRule, dossier::Field, mail::OutboxMail};

/// Where mail goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailDelivery {
    /// Into the outbox, from which a worker hands it to the mailer.
    Outbox,
    /// Straight into the local mailbox, with this sender: for development.
    LocalMailbox {
        /// The sender that a mail server would be told.
        from: String,
    },
}

/// What can be set without changing a use case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Whether anything is counted per source, per mailbox, or makes an account wait; tries per code always are.
    pub limits: bool,
    /// What a new password must look like, where a dialect has no rule of its own.
    pub password: PasswordRules,
    /// How long a mailed code works.
    pub code_lifetime: Duration,
    /// How long refresh tokens live, and what counts as a retry.
    pub refresh: RefreshRule,
    /// How long anonymous sessions are kept, which is as long as their tokens can be refreshed at most.
    pub anonymous_memory: Duration,
    /// How long a sign-up may wait for its first proof.
    pub provisional_memory: Duration,
    /// How long security events are kept.
    pub event_memory: Duration,
    /// Where mail goes.
    pub mail: MailDelivery,
    /// How often codes may be tried.
    pub code_tries: CodeTries,
    /// How long mailed links work.
    pub links: LinkLifetimes,
    /// What password guesses on one account lead to.
    pub guesses: ThrottleRule,
    /// How much mail one mailbox gets.
    pub mailbox: MailboxLimits,
    /// What each node counts per source or account.
    pub node: NodeLimits,
    /// How long the delivery of mail is tried.
    pub outbox: OutboxTimes,
    /// How many live streams of conversations each node holds.
    pub chat: ChatLimits,
    /// How dossiers are reviewed.
    pub dossier: DossierPolicy,
    /// How long a profile that the public handed in may wait for its approval.
    pub submission_memory: Duration,
}

/// Limits on, passwords of at least 8 characters, codes for 10 minutes, refresh tokens by their default rule, sign-ups
/// that wait for 7 days, events for 90 days, mail by the outbox.
impl Default for Policy {
    fn default() -> Self {
        Self {
            limits: true,
            password: PasswordRules::default(),
            code_lifetime: Duration::minutes(10),
            refresh: RefreshRule::default(),
            anonymous_memory: Duration::days(1),
            provisional_memory: Duration::days(7),
            event_memory: Duration::days(90),
            mail: MailDelivery::Outbox,
            code_tries: CodeTries::default(),
            links: LinkLifetimes::default(),
            guesses: ThrottleRule::SIGN_IN,
            mailbox: MailboxLimits::default(),
            node: NodeLimits::default(),
            outbox: OutboxTimes::default(),
            chat: ChatLimits::default(),
            dossier: DossierPolicy::default(),
            submission_memory: Duration::days(30),
        }
    }
}

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
    /// Anonymous sessions that one source begins.
    pub anonymous_sessions_per_minute: NonZeroU32,
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
    /// Tries to give one account another user name.
    pub username_changes_per_hour: NonZeroU32,
    /// Profiles that one source hands in.
    pub submissions_per_hour: NonZeroU32,
}

impl Default for NodeLimits {
    fn default() -> Self {
        Self {
            sign_ins_per_minute: per(10),
            anonymous_sessions_per_minute: per(60),
            registrations_per_hour: per(20),
            mails_per_hour: per(5),
            resets_per_minute: per(30),
            look_ups_per_hour: per(30),
            identifiers_per_hour: per(5_000),
            username_changes_per_hour: per(10),
            submissions_per_hour: per(10),
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

/// How many live streams of conversations each node holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChatLimits {
    /// Those of one account.
    pub followers_per_account: usize,
    /// All of them.
    pub followers_per_node: usize,
}

/// 10 an account, 10,000 a node.
impl Default for ChatLimits {
    fn default() -> Self {
        Self { followers_per_account: 10, followers_per_node: 10_000 }
    }
}

/// How dossiers are reviewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DossierPolicy {
    /// Whether two reviewers have to accept a dossier.
    pub four_eyes: bool,
    /// How long a reviewer holds a dossier.
    pub hold: Duration,
    /// The fields without which no dossier is submitted.
    pub required: Vec<Field>,
}

/// One reviewer, who holds a dossier for 30 minutes; no field is required.
impl Default for DossierPolicy {
    fn default() -> Self {
        Self { four_eyes: false, hold: Duration::minutes(30), required: Vec::new() }
    }
}
