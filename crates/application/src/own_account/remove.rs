//! Removing one's own account.

use super::OwnAccountError;
use crate::{
    Caller, Identity,
    administration::{Guarded, find_guarded},
};

impl Identity {
    /// Removes the caller's account for good; the last active root stays.
    pub async fn remove_self(&self, caller: &Caller) -> Result<(), OwnAccountError> {
        let mut unit = self.core.begin().await?;
        let guarded = find_guarded(&mut unit, caller.id()).await?;
        let is_same = |guarded: &Guarded| guarded.account.epoch() == caller.account().epoch();
        let guarded = guarded.filter(is_same).ok_or(OwnAccountError::SignedOut)?;
        if guarded.is_last_root {
            return Err(OwnAccountError::LastRoot);
        }
        self.remove_locked(&mut unit, caller.id(), &caller.into()).await?;
        Ok(unit.commit().await?)
    }
}
