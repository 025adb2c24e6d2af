//! The local mailbox in SQLite.

use async_trait::async_trait;
use uuid::Uuid;
use vestibule_domain::{EmailAddress, mail::ReceivedMail};
use vestibule_ports::{Mailbox, ReadMailbox, StoreError};

use crate::{
    errors::translate,
    rows::{ReceivedMailRow, micros},
    store::SqliteStore,
    unit::SqliteUnit,
};

#[async_trait]
impl ReadMailbox for SqliteStore {
    async fn list(&self, to: Option<&EmailAddress>, limit: u32) -> Result<Vec<ReceivedMail>, StoreError> {
        let mut reader = self.reader().await?;
        let rows = match to.map(EmailAddress::as_str) {
            Some(to) => {
                sqlx::query_as!(
                    ReceivedMailRow,
                    r#"SELECT id AS "id: Uuid", sender, recipient, received_at, subject, text, html FROM mailbox
                    WHERE recipient = ? ORDER BY received_at DESC, id DESC LIMIT ?"#,
                    to,
                    limit
                )
                .fetch_all(&mut *reader)
                .await
            }
            None => {
                sqlx::query_as!(
                    ReceivedMailRow,
                    r#"SELECT id AS "id: Uuid", sender, recipient, received_at, subject, text, html FROM mailbox
                    ORDER BY received_at DESC, id DESC LIMIT ?"#,
                    limit
                )
                .fetch_all(&mut *reader)
                .await
            }
        };
        let rows = rows.map_err(|error| reader.failed(error))?;
        rows.into_iter().map(ReceivedMail::try_from).collect()
    }
}

#[async_trait]
impl Mailbox for SqliteUnit {
    async fn insert(&mut self, mail: &ReceivedMail) -> Result<(), StoreError> {
        let (id, received_at) = (mail.mail.id.uuid(), micros(mail.received_at));
        let (to, content) = (mail.mail.to.as_str(), &mail.mail.content);
        sqlx::query!(
            "INSERT INTO mailbox (id, sender, recipient, received_at, subject, text, html) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO NOTHING",
            id,
            mail.from,
            to,
            received_at,
            content.subject,
            content.text,
            content.html
        )
        .execute(self.connection())
        .await
        .map_err(translate)?;
        Ok(())
    }

    async fn trim(&mut self, keep: u32) -> Result<u64, StoreError> {
        let trimmed = sqlx::query!(
            "DELETE FROM mailbox
            WHERE id IN (SELECT id FROM mailbox ORDER BY received_at DESC, id DESC LIMIT -1 OFFSET ?)",
            keep
        )
        .execute(self.connection())
        .await
        .map_err(translate)?;
        Ok(trimmed.rows_affected())
    }
}
