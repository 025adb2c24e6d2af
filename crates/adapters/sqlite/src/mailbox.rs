//! The local mailbox in SQLite.

use async_trait::async_trait;
use uuid::Uuid;
use vestibule_domain::{EmailAddress, mail::ReceivedMail};
use vestibule_ports::{
    Mailbox, ReadMailbox, StoreError,
    stored::{StoredReceivedMail, readable_all},
};

use crate::{
    columns::{columns, insert, select},
    store::SqliteStore,
    unit::SqliteUnit,
};

/// A row of `mailbox`.
type MailRow = StoredReceivedMail<i64>;

/// `SELECT` of whole rows; the argument follows the name of the table.
macro_rules! select_mails {
    ($tail:literal, $($argument:expr),+) => {
        columns!(mailbox select [MailRow, "SELECT id AS \"id: Uuid\"", " FROM mailbox " $tail, $($argument),+])
    };
}

#[async_trait]
impl ReadMailbox for SqliteStore {
    async fn list(&self, to: Option<&EmailAddress>, limit: u32) -> Result<Vec<ReceivedMail>, StoreError> {
        let mut reader = self.reader().await?;
        let rows = match to.map(EmailAddress::as_str) {
            Some(to) => {
                select_mails!("WHERE recipient = ? ORDER BY received_at DESC, id DESC LIMIT ?", to, limit)
                    .fetch_all(&mut *reader)
                    .await
            }
            None => select_mails!("ORDER BY received_at DESC, id DESC LIMIT ?", limit).fetch_all(&mut *reader).await,
        };
        Ok(readable_all(rows.map_err(|error| reader.failed(error))?))
    }
}

#[async_trait]
impl Mailbox for SqliteUnit {
    async fn insert(&mut self, mail: &ReceivedMail) -> Result<(), StoreError> {
        let row = MailRow::from(mail);
        let statement = columns!(mailbox insert [
            row (id), "INSERT INTO mailbox (id", ") VALUES (?1", ") ON CONFLICT (id) DO NOTHING"
        ]);
        self.execute(statement).await.map(drop)
    }

    async fn trim(&mut self, keep: u32) -> Result<u64, StoreError> {
        let statement = sqlx::query!(
            "DELETE FROM mailbox
            WHERE id IN (SELECT id FROM mailbox ORDER BY received_at DESC, id DESC LIMIT -1 OFFSET ?)",
            keep
        );
        self.execute(statement).await
    }
}
