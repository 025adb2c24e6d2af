//! The numbers that have a floor and a ceiling, in the groups in which they are handed on.

use std::{num::NonZeroU32, time::Duration};

use time::Duration as Span;
use vestibule_application::{CodeTries, LinkLifetimes, MailboxLimits, NodeLimits, OutboxTimes};
use vestibule_domain::{RefreshRule, ThrottleRule};
use vestibule_http::RequestLimits;

use super::{Settings, key::Key, keys};

/// The numbers of the use cases.
#[derive(Debug, Clone)]
pub struct Numbers {
    /// How long a mailed code works.
    pub code_lifetime: Span,
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
    /// How long refresh tokens live, and what counts as a retry.
    pub refresh: RefreshRule,
    /// How long a sign-up may wait for its first proof.
    pub provisional_memory: Span,
    /// How long security events are kept.
    pub event_memory: Span,
}

/// How long requests may take, and how large they may be.
#[derive(Debug, Clone)]
pub struct Requests {
    /// How long a client may take to send the head.
    pub head_time: Duration,
    /// All that is known only after the head.
    pub limits: RequestLimits,
}

/// How long to wait for a store.
#[derive(Debug, Clone)]
pub struct StoreTimes {
    /// For a connection to PostgreSQL.
    pub acquire: Duration,
    /// For one statement in PostgreSQL.
    pub statement: Duration,
    /// For a lock in PostgreSQL.
    pub lock: Duration,
    /// For a connection to SQLite, and for its lock.
    pub busy: Duration,
}

pub(super) fn numbers(settings: &Settings) -> Numbers {
    let hours = |hours| Span::hours(hours);
    Numbers {
        code_lifetime: span(settings, &keys::CODE_LIFETIME),
        code_tries: CodeTries {
            per_code: number(settings, &keys::CODE_TRIES),
            per_account: ThrottleRule::counted(number(settings, &keys::CODE_ACCOUNT_TRIES), hours(24)),
        },
        links: LinkLifetimes {
            reset: span(settings, &keys::RESET_LINK),
            verification: span(settings, &keys::VERIFICATION_LINK),
        },
        guesses: ThrottleRule {
            window: hours(24),
            free: number(settings, &keys::GUESSES_FREE),
            waits: [&keys::GUESSES_FIRST_WAIT, &keys::GUESSES_SECOND_WAIT, &keys::GUESSES_LATER_WAIT]
                .map(|key| span(settings, key)),
            limit: number(settings, &keys::GUESSES_CLOSE),
        },
        mailbox: MailboxLimits {
            interval: ThrottleRule::counted(1, span(settings, &keys::MAILBOX_INTERVAL)),
            hourly: ThrottleRule::counted(number(settings, &keys::MAILBOX_HOURLY), hours(1)),
            daily: ThrottleRule::counted(number(settings, &keys::MAILBOX_DAILY), hours(24)),
        },
        node: NodeLimits {
            sign_ins_per_minute: count(settings, &keys::SIGN_INS),
            registrations_per_hour: count(settings, &keys::REGISTRATIONS),
            mails_per_hour: count(settings, &keys::MAILS),
            resets_per_minute: count(settings, &keys::RESETS),
            look_ups_per_hour: count(settings, &keys::LOOK_UPS),
            identifiers_per_hour: count(settings, &keys::IDENTIFIERS),
        },
        outbox: OutboxTimes {
            lease: span(settings, &keys::EMAIL_LEASE),
            max_age: span(settings, &keys::EMAIL_GIVE_UP),
        },
        refresh: RefreshRule {
            idle: days(settings, &keys::REFRESH_IDLE),
            absolute: days(settings, &keys::REFRESH_ABSOLUTE),
            retry_window: span(settings, &keys::REFRESH_RETRY),
            per_account: number(settings, &keys::REFRESH_PER_ACCOUNT),
        },
        provisional_memory: days(settings, &keys::PENDING_KEPT),
        event_memory: days(settings, &keys::EVENTS_KEPT),
    }
}

pub(super) fn requests(settings: &Settings) -> Requests {
    Requests {
        head_time: seconds(settings, &keys::REQUEST_HEAD),
        limits: RequestLimits {
            body_time: seconds(settings, &keys::REQUEST_BODY),
            handler_time: seconds(settings, &keys::REQUEST_HANDLER),
            body_bytes: size(settings, &keys::REQUEST_KIB) * 1_024,
            body_depth: size(settings, &keys::REQUEST_DEPTH),
            page_rows: number(settings, &keys::PAGE_ROWS),
        },
    }
}

pub(super) fn store_times(settings: &Settings) -> StoreTimes {
    StoreTimes {
        acquire: seconds(settings, &keys::POSTGRES_ACQUIRE),
        statement: seconds(settings, &keys::POSTGRES_STATEMENT),
        lock: seconds(settings, &keys::POSTGRES_LOCK),
        busy: seconds(settings, &keys::SQLITE_BUSY),
    }
}

/// A number that has a default; a refused one ends the start, so that zero is never used.
pub(super) fn number(settings: &Settings, key: &Key) -> u32 {
    settings.number(key).unwrap_or_default()
}

pub(super) fn size(settings: &Settings, key: &Key) -> usize {
    usize::try_from(number(settings, key)).unwrap_or_default()
}

pub(super) fn seconds(settings: &Settings, key: &Key) -> Duration {
    Duration::from_secs(number(settings, key).into())
}

fn span(settings: &Settings, key: &Key) -> Span {
    Span::seconds(number(settings, key).into())
}

fn days(settings: &Settings, key: &Key) -> Span {
    Span::days(number(settings, key).into())
}

fn count(settings: &Settings, key: &Key) -> NonZeroU32 {
    NonZeroU32::new(number(settings, key)).unwrap_or(NonZeroU32::MIN)
}
