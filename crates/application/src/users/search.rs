//! Searching accounts.

use super::UserError;
use crate::{AccountSearch, Caller, Found, Identity, Window, rights::may_read_users};

impl Identity {
    /// Whether the caller may search, before the question is looked at.
    pub fn check_may_search(&self, caller: &Caller) -> Result<(), UserError> {
        if may_read_users(caller.account()) { Ok(()) } else { Err(UserError::Forbidden) }
    }

    /// A window on the accounts that match, for a caller who may read all.
    pub async fn search_users(
        &self,
        caller: &Caller,
        search: &AccountSearch,
        window: &Window,
    ) -> Result<Found, UserError> {
        self.check_may_search(caller)?;
        Ok(self.core.read().accounts().search(search, window).await?)
    }
}
