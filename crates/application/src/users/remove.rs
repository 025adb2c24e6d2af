//! Removing another account.

use super::{ModifiableUser, UserError};
use crate::{Caller, Identity, administration::find_guarded, rights::may_modify};

impl Identity {
    /// Removes an account for good; the last active root stays.
    pub async fn remove_user(&self, caller: &Caller, user: ModifiableUser) -> Result<(), UserError> {
        let mut unit = self.core.begin().await?;
        let guarded = find_guarded(&mut unit, user.id()).await?.ok_or(UserError::NotFound)?;
        if !may_modify(caller.account(), &guarded.account) {
            return Err(UserError::Forbidden);
        }
        if guarded.is_last_root {
            return Err(UserError::LastRoot);
        }
        self.remove_locked(&mut unit, user.id(), &caller.into()).await?;
        Ok(unit.commit().await?)
    }
}
