//! Removing an account for good.

use vestibule_domain::{AccountId, EventKind};
use vestibule_ports::StoreError;

use super::{AccountError, Authority, RemoveSelfError, guard::Guarded};
use crate::{Caller, Identity, events::Cause, unit::Unit};

impl Identity {
    /// Removes an account with everything that is its own; its tokens are void from then on. The last active root stays.
    pub async fn remove_account(&self, authority: Authority<'_>) -> Result<(), AccountError> {
        let mut unit = self.core.begin().await?;
        let guarded = authority.lock(&mut unit).await?;
        guarded.check(None)?;
        self.remove_locked(&mut unit, guarded.account().id(), &authority.cause()).await?;
        Ok(unit.commit().await?)
    }

    /// Removes the caller's own account; the last active root stays.
    pub async fn remove_self(&self, caller: &Caller) -> Result<(), RemoveSelfError> {
        let mut unit = self.core.begin().await?;
        let guarded = Guarded::lock(&mut unit, caller.id()).await?;
        let is_same = |guarded: &Guarded| guarded.account().epoch() == caller.account().epoch();
        let guarded = guarded.filter(is_same).ok_or(RemoveSelfError::SignedOut)?;
        guarded.check(None)?;
        self.remove_locked(&mut unit, caller.id(), &caller.into()).await?;
        Ok(unit.commit().await?)
    }

    /// Removes a locked account. The contents of its documents go soon after the commit, as with any that is discarded.
    async fn remove_locked(&self, unit: &mut Unit, id: AccountId, cause: &Cause) -> Result<(), StoreError> {
        match unit.dossiers().find(id).await {
            Ok(Some(dossier)) => unit.release(dossier.blobs(), []),
            // One that cannot be read goes as well; the sweep finds what it referred to.
            Ok(None) | Err(StoreError::Corrupt { .. }) => {}
            Err(error) => return Err(error),
        }
        unit.accounts().remove(id).await?;
        self.core.record(unit, cause.of(EventKind::Deletion, Some(id)), self.core.now()).await
    }
}
