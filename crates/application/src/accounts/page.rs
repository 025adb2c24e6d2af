//! Listing and counting accounts by what an operator looks for.

use vestibule_domain::Account;

use super::Reader;
use crate::{AccountFilter, Fault, Identity, Page, PageRequest};

impl Identity {
    /// A page of accounts, oldest first.
    pub async fn list_accounts(
        &self,
        _reader: Reader<'_>,
        filter: AccountFilter,
        page: PageRequest,
    ) -> Result<Page<Account>, Fault> {
        Ok(self.core.read().accounts().list(filter, page).await?)
    }

    /// How many accounts match.
    pub async fn count_accounts(&self, _reader: Reader<'_>, filter: AccountFilter) -> Result<u64, Fault> {
        Ok(self.core.read().accounts().count(filter).await?)
    }
}
