//! Storage of the local mailbox, which takes the mail where no mail server is configured.

use async_trait::async_trait;
use vestibule_domain::{EmailAddress, mail::ReceivedMail};

use crate::StoreError;

/// The local mailbox, read outside a unit of work.
#[async_trait]
pub trait ReadMailbox: Send + Sync {
    /// Mail to one address, or to all, newest first, at most `limit`.
    async fn list(&self, to: Option<&EmailAddress>, limit: u32) -> Result<Vec<ReceivedMail>, StoreError>;
}

/// The local mailbox, inside a unit of work.
#[async_trait]
pub trait Mailbox: Send {
    /// Takes a mail; one that it already has (by id) changes nothing.
    async fn insert(&mut self, mail: &ReceivedMail) -> Result<(), StoreError>;
    /// Removes all but the newest `keep` mails; how many it was.
    async fn trim(&mut self, keep: u32) -> Result<u64, StoreError>;
}
