//! Storage of the local mailbox, which receives mail when no mail server is configured.

use async_trait::async_trait;
use vestibule_domain::{EmailAddress, mail::ReceivedMail};

use crate::StoreError;

/// The local mailbox, read outside a unit of work.
#[async_trait]
pub trait ReadMailbox: Send + Sync {
    /// Mail to one address, or to all, newest first, at most `limit`; 0 returns none.
    async fn list(&self, to: Option<&EmailAddress>, limit: u32) -> Result<Vec<ReceivedMail>, StoreError>;
}

/// The local mailbox, inside a unit of work.
#[async_trait]
pub trait Mailbox: Send {
    /// Stores a mail, its time cut to whole microseconds; a mail whose id is already there changes nothing.
    async fn insert(&mut self, mail: &ReceivedMail) -> Result<(), StoreError>;
    /// Removes all but the newest `keep` mails and returns how many it removed.
    async fn trim(&mut self, keep: u32) -> Result<u64, StoreError>;
}
