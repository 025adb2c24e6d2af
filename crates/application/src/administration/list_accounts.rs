//! Listing accounts.

use vestibule_domain::Account;

use super::AdministrationError;
use crate::{AccountFilter, Application, Operator, Page, PageRequest};

impl Application {
    /// A page of accounts, oldest first.
    pub async fn list_accounts(
        &self,
        _operator: Operator,
        filter: AccountFilter,
        page: PageRequest,
    ) -> Result<Page<Account>, AdministrationError> {
        Ok(self.ports.store.read().accounts().list(filter, page).await?)
    }
}
