//! The local mailbox.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{EmailAddress, mail::ReceivedMail};
use vestibule_ports::{
    Mailbox, ReadMailbox, StoreError,
    stored::{StoredReceivedMail, readable_all},
};

use crate::{
    columns::{columns, insert, select},
    connections::alone,
    store::PostgresStore,
    unit::PostgresUnit,
};

/// A row of `mailbox`.
type MailRow = StoredReceivedMail<OffsetDateTime>;

/// `SELECT` of whole rows; the argument follows the name of the table.
macro_rules! select_mails {
    ($tail:literal, $($argument:expr),+) => {
        columns!(mailbox select [MailRow, "SELECT id", " FROM mailbox " $tail, $($argument),+])
    };
}

#[async_trait]
impl ReadMailbox for PostgresStore {
    async fn list(&self, to: Option<&EmailAddress>, limit: u32) -> Result<Vec<ReceivedMail>, StoreError> {
        let limit = i64::from(limit);
        let rows = match to {
            None => alone!(
                self.connections,
                fetch_all,
                select_mails!("ORDER BY received_at DESC, id DESC LIMIT $1", limit)
            )?,
            Some(to) => alone!(
                self.connections,
                fetch_all,
                select_mails!("WHERE recipient = $1 ORDER BY received_at DESC, id DESC LIMIT $2", to.as_str(), limit)
            )?,
        };
        Ok(readable_all(rows))
    }
}

#[async_trait]
impl Mailbox for PostgresUnit {
    async fn insert(&mut self, received: &ReceivedMail) -> Result<(), StoreError> {
        let row = MailRow::from(received);
        let statement = columns!(mailbox insert [
            row (id), "INSERT INTO mailbox (id", ") VALUES ($1", ") ON CONFLICT (id) DO NOTHING"
        ]);
        self.execute(statement).await.map(drop)
    }

    async fn trim(&mut self, keep: u32) -> Result<u64, StoreError> {
        let statement = sqlx::query!(
            "DELETE FROM mailbox WHERE id = ANY (ARRAY(SELECT id FROM mailbox \
             ORDER BY received_at DESC, id DESC OFFSET $1))",
            i64::from(keep),
        );
        self.execute(statement).await
    }
}
