//! Listing accounts.

use vestibule_domain::Account;

use super::AdministrationError;
use crate::{AccountFilter, Identity, Operator, Page, PageRequest};

impl Identity {
    /// A page of accounts, oldest first.
    pub async fn list_accounts(
        &self,
        _operator: Operator,
        filter: AccountFilter,
        page: PageRequest,
    ) -> Result<Page<Account>, AdministrationError> {
        Ok(self.core.read().accounts().list(filter, page).await?)
    }
}
