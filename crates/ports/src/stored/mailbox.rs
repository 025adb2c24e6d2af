//! Rows of the local mailbox.

use uuid::Uuid;
use vestibule_domain::{
    EmailAddress, MailId,
    mail::{Mail, MailContent, ReceivedMail},
};

use super::{StoredTime, time, valid};
use crate::StoreError;

rows! {
    /// A row of the mailbox.
    pub struct StoredReceivedMail<T> {
        pub id: Uuid,
        pub sender: String,
        pub recipient: String,
        pub received_at: T,
        pub subject: String,
        pub text: String,
        pub html: String,
    }
}

impl<T: StoredTime> TryFrom<StoredReceivedMail<T>> for ReceivedMail {
    type Error = StoreError;

    fn try_from(row: StoredReceivedMail<T>) -> Result<Self, StoreError> {
        Ok(Self {
            mail: Mail {
                id: valid(MailId::from_uuid(row.id), "id of a received mail")?,
                to: valid(EmailAddress::from_store(&row.recipient), "recipient of a received mail")?,
                content: MailContent { subject: row.subject, text: row.text, html: row.html },
            },
            from: row.sender,
            received_at: time(row.received_at, "time of a received mail")?,
        })
    }
}

impl<T: StoredTime> From<&ReceivedMail> for StoredReceivedMail<T> {
    fn from(received: &ReceivedMail) -> Self {
        let Mail { id, to, content: MailContent { subject, text, html } } = received.mail.clone();
        Self {
            id: id.uuid(),
            sender: received.from.clone(),
            recipient: to.as_str().to_owned(),
            received_at: T::of(received.received_at),
            subject,
            text,
            html,
        }
    }
}
