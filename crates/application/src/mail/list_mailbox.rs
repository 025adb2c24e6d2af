//! Reading the local mailbox.

use vestibule_domain::{EmailAddress, mail::ReceivedMail};

use crate::{Application, Fault};

/// The most mails that are shown.
const SHOWN: u32 = 200;

impl Application {
    /// Mail in the local mailbox, to one address or to all, newest first, at most 200.
    pub async fn list_mailbox(&self, to: Option<&EmailAddress>) -> Result<Vec<ReceivedMail>, Fault> {
        Ok(self.ports.store.read().mailbox().list(to, SHOWN).await?)
    }
}
