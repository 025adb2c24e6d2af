//! Mail that waits or was given up, as an operator sees it.

use vestibule_domain::{MailId, mail::OutboxEntry};

use crate::{Fault, Identity, Operator};

/// Which mails to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboxList {
    /// Those that wait or are being delivered, oldest first.
    Waiting,
    /// Those that were given up, the last one first.
    Dead,
}

/// The first mails of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEntries {
    /// As many as were asked for, if there are so many.
    pub entries: Vec<OutboxEntry>,
    /// How many there are in all.
    pub total: u64,
}

impl Identity {
    /// The first mails that wait, or that were given up.
    pub async fn list_outbox(&self, _operator: Operator, list: OutboxList, limit: u32) -> Result<OutboxEntries, Fault> {
        let outbox = self.core.read().outbox();
        let stats = outbox.stats().await?;
        Ok(match list {
            OutboxList::Waiting => OutboxEntries { entries: outbox.list_waiting(limit).await?, total: stats.waiting },
            OutboxList::Dead => OutboxEntries { entries: outbox.list_dead(limit).await?, total: stats.dead },
        })
    }

    /// A mail of the outbox.
    pub async fn find_mail(&self, _operator: Operator, id: MailId) -> Result<Option<OutboxEntry>, Fault> {
        Ok(self.core.read().outbox().find(id).await?)
    }

    /// Lets a mail that was put off, or each of them, be tried at once; how many it was. A mail that was given up has no content
    /// any more and is not tried again.
    pub async fn retry_mail(&self, _operator: Operator, id: Option<MailId>) -> Result<u64, Fault> {
        let mut unit = self.core.begin().await?;
        let hastened = unit.outbox().hasten(id, self.core.now()).await?;
        unit.commit().await?;
        Ok(hastened)
    }
}
