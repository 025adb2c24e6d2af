//! Searching accounts.

use super::Reader;
use crate::{AccountSearch, Fault, Found, Identity, Window};

impl Identity {
    /// A window on the accounts that match.
    pub async fn search_accounts(
        &self,
        _reader: Reader<'_>,
        search: &AccountSearch,
        window: &Window,
    ) -> Result<Found, Fault> {
        Ok(self.core.read().accounts().search(search, window).await?)
    }
}
