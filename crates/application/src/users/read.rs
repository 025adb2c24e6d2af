//! Reading another account.

use vestibule_domain::{Account, AccountId};

use super::UserError;
use crate::{Caller, Identity, rights::may_read_users};

impl Identity {
    /// The account of an id, for a caller who may read all.
    pub async fn read_user(&self, caller: &Caller, id: AccountId) -> Result<Account, UserError> {
        let account = self.show_account(id).await?.ok_or(UserError::NotFound)?;
        if may_read_users(caller.account()) { Ok(account) } else { Err(UserError::Forbidden) }
    }
}
