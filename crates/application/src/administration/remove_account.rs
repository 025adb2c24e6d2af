//! Removing an account for good.

use vestibule_domain::{AccountId, EventKind};
use vestibule_ports::StoreError;

use super::{AdministrationError, change::find_guarded};
use crate::{Identity, Operator, events::Cause, unit::Unit};

impl Identity {
    /// Removes an account with everything that is its own; its tokens are of no use from then on.
    pub async fn remove_account(&self, _operator: Operator, id: AccountId) -> Result<(), AdministrationError> {
        let mut unit = self.core.begin().await?;
        let guarded = find_guarded(&mut unit, id).await?.ok_or(AdministrationError::NotFound)?;
        if guarded.is_last_root {
            return Err(AdministrationError::LastRoot);
        }
        self.remove_locked(&mut unit, id, &Cause::OPERATOR).await?;
        Ok(unit.commit().await?)
    }

    /// Removes a locked account. The contents of its documents go soon after the commit, as with any that is discarded.
    pub(crate) async fn remove_locked(&self, unit: &mut Unit, id: AccountId, cause: &Cause) -> Result<(), StoreError> {
        match unit.dossiers().find(id).await {
            Ok(Some(dossier)) => unit.release(dossier.blobs(), []),
            // One that cannot be read goes as well; the sweep finds what it referred to.
            Ok(None) | Err(StoreError::Corrupt { .. }) => {}
            Err(error) => return Err(error),
        }
        unit.accounts().remove(id).await?;
        self.core.record(unit, (EventKind::Deletion, Some(id)), cause, self.core.now()).await
    }
}
