//! Rows of waiting mail.

use uuid::Uuid;
use vestibule_domain::{
    EmailAddress, MailId,
    mail::{OutboxEntry, OutboxMail},
};

use super::{StoredTime, optional_time, time, valid};
use crate::StoreError;

rows! {
    /// A whole row of the outbox.
    pub struct StoredOutboxRow<T> {
        pub id: Uuid,
        pub recipient: String,
        pub attempts: i64,
        pub created_at: T,
        pub due_at: T,
        pub leased_until: Option<T>,
        pub expires_at: T,
        pub dead_at: Option<T>,
        pub last_error: Option<String>,
        pub content: Vec<u8>,
    }
}

impl<T> StoredOutboxRow<T> {
    /// What delivery needs of it.
    pub fn into_mail(self) -> StoredOutboxMail<T> {
        let Self { id, recipient, attempts, created_at, due_at, expires_at, content, .. } = self;
        StoredOutboxMail { id, recipient, content, attempts, created_at, due_at, expires_at }
    }

    /// What an operator sees of it.
    pub fn into_entry(self) -> StoredOutboxEntry<T> {
        let Self { id, recipient, attempts, created_at, due_at, expires_at, dead_at, last_error, .. } = self;
        StoredOutboxEntry { id, recipient, attempts, created_at, due_at, expires_at, dead_at, last_error }
    }
}

/// The columns of an outbox row that delivery needs.
pub struct StoredOutboxMail<T> {
    pub id: Uuid,
    pub recipient: String,
    pub content: Vec<u8>,
    pub attempts: i64,
    pub created_at: T,
    pub due_at: T,
    pub expires_at: T,
}

impl<T: StoredTime> TryFrom<StoredOutboxMail<T>> for OutboxMail {
    type Error = StoreError;

    fn try_from(row: StoredOutboxMail<T>) -> Result<Self, StoreError> {
        Ok(Self {
            id: valid(MailId::from_uuid(row.id), "id of a mail")?,
            to: valid(EmailAddress::from_store(&row.recipient), "recipient of a mail")?,
            sealed_content: row.content,
            attempts: valid(row.attempts.try_into(), "attempts of a mail")?,
            created_at: time(row.created_at, "creation time of a mail")?,
            due_at: time(row.due_at, "due time of a mail")?,
            expires_at: time(row.expires_at, "expiry of a mail")?,
        })
    }
}

impl<T: StoredTime> From<&OutboxMail> for StoredOutboxMail<T> {
    fn from(mail: &OutboxMail) -> Self {
        Self {
            id: mail.id.uuid(),
            recipient: mail.to.as_str().to_owned(),
            content: mail.sealed_content.clone(),
            attempts: mail.attempts.into(),
            created_at: T::of(mail.created_at),
            due_at: T::of(mail.due_at),
            expires_at: T::of(mail.expires_at),
        }
    }
}

/// The columns of an outbox row that an operator sees.
pub struct StoredOutboxEntry<T> {
    pub id: Uuid,
    pub recipient: String,
    pub attempts: i64,
    pub created_at: T,
    pub due_at: T,
    pub expires_at: T,
    pub dead_at: Option<T>,
    pub last_error: Option<String>,
}

impl<T: StoredTime> TryFrom<StoredOutboxEntry<T>> for OutboxEntry {
    type Error = StoreError;

    fn try_from(row: StoredOutboxEntry<T>) -> Result<Self, StoreError> {
        Ok(Self {
            id: valid(MailId::from_uuid(row.id), "id of a mail")?,
            to: valid(EmailAddress::from_store(&row.recipient), "recipient of a mail")?,
            attempts: valid(row.attempts.try_into(), "attempts of a mail")?,
            created_at: time(row.created_at, "creation time of a mail")?,
            due_at: time(row.due_at, "due time of a mail")?,
            expires_at: time(row.expires_at, "expiry of a mail")?,
            dead_at: optional_time(row.dead_at, "time at which a mail was given up")?,
            last_error: row.last_error,
        })
    }
}
