//! Mail: its content, and when delivery is retried.

use std::fmt;

use time::{Duration, OffsetDateTime};

use crate::{EmailAddress, MailId};

/// The text of a mail; it may hold a code or a link, so it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct MailContent {
    /// The subject: one line.
    pub subject: String,
    /// The plain text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

impl fmt::Debug for MailContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailContent(…)")
    }
}

/// A mail ready to be handed to a mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Its id, also its `Message-ID`, by which a repeated delivery can be recognised.
    pub id: MailId,
    /// The recipient.
    pub to: EmailAddress,
    /// What it says.
    pub content: MailContent,
}

/// A mail in the outbox: its content is sealed, since it may hold a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxMail {
    pub id: MailId,
    /// The recipient.
    pub to: EmailAddress,
    /// The content, encrypted under a server key.
    pub sealed_content: Vec<u8>,
    /// How many delivery attempts have begun.
    pub attempts: u32,
    /// When it was written.
    pub created_at: OffsetDateTime,
    /// When it is due.
    pub due_at: OffsetDateTime,
    /// When delivery attempts end because the mail is useless, such as when its code expires.
    pub expires_at: OffsetDateTime,
}

impl OutboxMail {
    /// The longest time that delivery of a mail is attempted.
    pub const MAX_AGE: Duration = Duration::hours(24);
    /// The longest wait between two attempts.
    pub const LONGEST_WAIT: Duration = Duration::minutes(30);

    /// When to retry after the attempt that failed at `now`: after 30 s, 1, 2, 5, 15, then every 30 min; `None` if that
    /// would be past the expiry.
    pub fn retry_at(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        const WAITS: [Duration; 6] = [
            Duration::seconds(30),
            Duration::minutes(1),
            Duration::minutes(2),
            Duration::minutes(5),
            Duration::minutes(15),
            OutboxMail::LONGEST_WAIT,
        ];
        let failed = usize::try_from(self.attempts.saturating_sub(1)).unwrap_or(usize::MAX);
        let at = now + WAITS[failed.min(WAITS.len() - 1)];
        (at < self.expires_at).then_some(at)
    }
}

/// A mail of the outbox as an operator sees it, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEntry {
    pub id: MailId,
    /// The recipient.
    pub to: EmailAddress,
    /// How many delivery attempts have begun.
    pub attempts: u32,
    /// When it was written.
    pub created_at: OffsetDateTime,
    /// When the next attempt is due.
    pub due_at: OffsetDateTime,
    /// When delivery attempts end.
    pub expires_at: OffsetDateTime,
    /// When it was given up and became a dead letter.
    pub dead_at: Option<OffsetDateTime>,
    /// Why the last attempt failed, or why it was given up.
    pub last_error: Option<String>,
}

/// A mail that the local mailbox took instead of a mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedMail {
    pub mail: Mail,
    /// The sender, as configured.
    pub from: String,
    /// When it was received.
    pub received_at: OffsetDateTime,
}
