//! The local mailbox, by time of receipt.

use std::sync::Arc;

use async_trait::async_trait;
use rpds::{HashTrieMapSync, RedBlackTreeMapSync};
use time::OffsetDateTime;
use vestibule_domain::{EmailAddress, MailId, account::to_microseconds, mail::ReceivedMail};
use vestibule_ports::{Mailbox, ReadMailbox, StoreError, stored::StoredReceivedMail};

use crate::{MemoryStore, state::rows, store::MemoryUnit};

/// The mails, oldest first, and their ids.
#[derive(Clone, Default)]
pub(crate) struct MailboxTable {
    by_time: RedBlackTreeMapSync<(OffsetDateTime, MailId), Arc<ReceivedMail>>,
    times: HashTrieMapSync<MailId, OffsetDateTime>,
}

impl MailboxTable {
    pub(crate) fn rows(&self) -> impl Iterator<Item = StoredReceivedMail<i64>> {
        self.by_time.values().map(|received| received.as_ref().into())
    }
}

#[async_trait]
impl ReadMailbox for MemoryStore {
    async fn list(&self, to: Option<&EmailAddress>, limit: u32) -> Result<Vec<ReceivedMail>, StoreError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mails = &self.snapshot()?.mailbox.by_time;
        let matching = mails.values().rev().filter(|received| to.is_none_or(|to| received.mail.to == *to));
        Ok(matching.take(limit).map(|received| ReceivedMail::clone(received)).collect())
    }
}

#[async_trait]
impl Mailbox for MemoryUnit {
    async fn insert(&mut self, mail: &ReceivedMail) -> Result<(), StoreError> {
        let (id, at) = (mail.mail.id, to_microseconds(mail.received_at));
        if !self.state.mailbox.times.contains_key(&id) {
            let mail = ReceivedMail { received_at: at, ..mail.clone() };
            self.state.mailbox.times.insert_mut(id, at);
            self.state.mailbox.by_time.insert_mut((at, id), Arc::new(mail));
        }
        Ok(())
    }

    async fn trim(&mut self, keep: u32) -> Result<u64, StoreError> {
        let table = &mut self.state.mailbox;
        let keep = usize::try_from(keep).unwrap_or(usize::MAX);
        let oldest: Vec<_> = table.by_time.keys().take(table.by_time.size().saturating_sub(keep)).copied().collect();
        for key in &oldest {
            table.by_time.remove_mut(key);
            table.times.remove_mut(&key.1);
        }
        Ok(rows(oldest.len()))
    }
}
