//! The local mailbox.

use async_trait::async_trait;
use vestibule_domain::{EmailAddress, mail::ReceivedMail};
use vestibule_ports::{Mailbox, ReadMailbox, StoreError};

use crate::{
    pool::Lease,
    rows::{MailboxRow, restore_all},
    store::PostgresStore,
    unit::PostgresUnit,
};

#[async_trait]
impl ReadMailbox for PostgresStore {
    async fn list(&self, to: Option<&EmailAddress>, limit: u32) -> Result<Vec<ReceivedMail>, StoreError> {
        let limit = i64::from(limit);
        let rows = match to {
            None => {
                let rows = |mut lease: Lease| async move {
                    (
                        sqlx::query_as!(
                            MailboxRow,
                            "SELECT id, sender, recipient, received_at, subject, text, html FROM mailbox \
                         ORDER BY received_at DESC, id DESC LIMIT $1",
                            limit,
                        )
                        .fetch_all(&mut *lease)
                        .await,
                        lease,
                    )
                };
                self.connections.alone(rows).await?
            }
            Some(to) => {
                let rows = |mut lease: Lease| async move {
                    (
                        sqlx::query_as!(
                            MailboxRow,
                            "SELECT id, sender, recipient, received_at, subject, text, html FROM mailbox \
                         WHERE recipient = $1 ORDER BY received_at DESC, id DESC LIMIT $2",
                            to.as_str(),
                            limit,
                        )
                        .fetch_all(&mut *lease)
                        .await,
                        lease,
                    )
                };
                self.connections.alone(rows).await?
            }
        };
        restore_all(rows)
    }
}

#[async_trait]
impl Mailbox for PostgresUnit {
    async fn insert(&mut self, received: &ReceivedMail) -> Result<(), StoreError> {
        let content = &received.mail.content;
        let statement = sqlx::query!(
            "INSERT INTO mailbox (id, sender, recipient, received_at, subject, text, html) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING",
            received.mail.id.uuid(),
            received.from,
            received.mail.to.as_str(),
            received.received_at,
            content.subject,
            content.text,
            content.html,
        );
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
