//! Numeric settings with bounds, converted to the options of their users.

use std::{num::NonZeroU32, time::Duration};

use time::Duration as Span;
use vestibule_application::{
    ChatLimits, CodeTries, DossierPolicy, LinkLifetimes, MailDelivery, MailboxLimits, NodeLimits, OutboxTimes, Policy,
};
use vestibule_domain::{PasswordRules, RefreshRule, ThrottleRule};
use vestibule_http::RequestLimits;
use vestibule_postgres::PostgresOptions;
use vestibule_smtp::SmtpTimeouts;
use vestibule_sqlite::SqliteOptions;

use super::{Security, Settings, key::Key, keys};

/// How long before the end of its lease a delivery is cancelled: the lease began a little before the mail server was
/// contacted.
const LEASE_MARGIN: Duration = Duration::from_secs(5);

/// Time and size limits of requests.
#[derive(Debug, Clone)]
pub struct Requests {
    /// The time for a client to send the head.
    pub head_time: Duration,
    /// How long an idle connection is kept for the next request.
    pub idle_time: Duration,
    /// The limits that apply after the head.
    pub limits: RequestLimits,
}

/// Limits and policies of the use cases; passwords, limits and mail are in other sections.
pub(super) fn policy(settings: &Settings, security: &Security, mail: MailDelivery) -> Policy {
    let hours = |hours| Span::hours(hours);
    Policy {
        limits: security.limits,
        password: PasswordRules::at_least(security.password_min),
        mail,
        anonymous_memory: Policy::default().anonymous_memory,
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
            anonymous_sessions_per_minute: count(settings, &keys::ANONYMOUS_SESSIONS),
            registrations_per_hour: count(settings, &keys::REGISTRATIONS),
            mails_per_hour: count(settings, &keys::MAILS),
            resets_per_minute: count(settings, &keys::RESETS),
            look_ups_per_hour: count(settings, &keys::LOOK_UPS),
            identifiers_per_hour: count(settings, &keys::IDENTIFIERS),
            username_changes_per_hour: count(settings, &keys::USERNAME_CHANGES),
            submissions_per_hour: count(settings, &keys::SUBMISSIONS),
        },
        chat: ChatLimits {
            followers_per_account: size(settings, &keys::STREAMS_PER_ACCOUNT),
            followers_per_node: size(settings, &keys::STREAMS),
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
        dossier: dossier(settings),

        provisional_memory: days(settings, &keys::PENDING_KEPT),
        event_memory: days(settings, &keys::EVENTS_KEPT),
        submission_memory: days(settings, &keys::SUBMISSIONS_KEPT),
    }
}

fn dossier(settings: &Settings) -> DossierPolicy {
    DossierPolicy {
        four_eyes: settings.is_on(&keys::DOSSIER_FOUR_EYES),
        hold: minutes(settings, &keys::DOSSIER_HOLD),
        required: Vec::new(),
    }
}

pub(super) fn requests(settings: &Settings) -> Requests {
    Requests {
        head_time: seconds(settings, &keys::REQUEST_HEAD),
        idle_time: seconds(settings, &keys::REQUEST_IDLE),
        limits: RequestLimits {
            body_time: seconds(settings, &keys::REQUEST_BODY),
            handler_time: seconds(settings, &keys::REQUEST_HANDLER),
            body_bytes: size(settings, &keys::REQUEST_KIB) * 1_024,
            body_depth: size(settings, &keys::REQUEST_DEPTH),
            page_rows: number(settings, &keys::PAGE_ROWS),
        },
    }
}

pub(super) fn postgres(settings: &Settings) -> PostgresOptions {
    PostgresOptions {
        max_connections: number(settings, &keys::DATABASE_POOL),
        acquire_timeout: seconds(settings, &keys::POSTGRES_ACQUIRE),
        statement_timeout: seconds(settings, &keys::POSTGRES_STATEMENT),
        lock_timeout: seconds(settings, &keys::POSTGRES_LOCK),
    }
}

/// A lost database was already ruled out together with the secret, so the file may be created here.
pub(super) fn sqlite(settings: &Settings) -> SqliteOptions {
    SqliteOptions {
        create: true,
        readers: number(settings, &keys::SQLITE_READERS),
        busy: seconds(settings, &keys::SQLITE_BUSY),
        serve: false,
    }
}

pub(super) fn smtp_timeouts(settings: &Settings) -> SmtpTimeouts {
    SmtpTimeouts {
        connect: seconds(settings, &keys::EMAIL_CONNECT),
        command: seconds(settings, &keys::EMAIL_COMMAND),
        // A slower delivery would overlap with another worker's.
        total: seconds(settings, &keys::EMAIL_LEASE).saturating_sub(LEASE_MARGIN),
    }
}

/// A number with a default; a refused one stops the start, so its zero is never used.
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

pub(super) fn minutes(settings: &Settings, key: &Key) -> Span {
    Span::minutes(number(settings, key).into())
}

fn days(settings: &Settings, key: &Key) -> Span {
    Span::days(number(settings, key).into())
}

fn count(settings: &Settings, key: &Key) -> NonZeroU32 {
    NonZeroU32::new(number(settings, key)).unwrap_or(NonZeroU32::MIN)
}
