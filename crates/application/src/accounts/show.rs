//! Showing an account to anybody who knows its id; how much of it is the dialect's.

use vestibule_domain::{Account, AccountId};

use crate::{Application, Fault};

impl Application {
    /// The account of an id, of any status.
    pub async fn show_account(&self, id: AccountId) -> Result<Option<Account>, Fault> {
        Ok(self.ports.store.read().accounts().find(id).await?)
    }
}
