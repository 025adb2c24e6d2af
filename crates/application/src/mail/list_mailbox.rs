//! Reading the local mailbox.

use vestibule_domain::{EmailAddress, mail::ReceivedMail};

use crate::{Fault, Identity};

/// The most mails that are shown.
const SHOWN: u32 = 200;

impl Identity {
    /// Mail in the local mailbox, to one address or to all, newest first, at most 200.
    pub async fn list_mailbox(&self, to: Option<&EmailAddress>) -> Result<Vec<ReceivedMail>, Fault> {
        Ok(self.core.read().mailbox().list(to, SHOWN).await?)
    }
}
