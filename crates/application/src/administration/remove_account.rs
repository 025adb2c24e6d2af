//! Removing an account for good.

use vestibule_domain::{AccountId, EventKind};

use super::{AdministrationError, change::find_guarded};
use crate::{Identity, Operator, events::Cause};

impl Identity {
    /// Removes an account with everything that is its own; its tokens are of no use from then on.
    pub async fn remove_account(&self, _operator: Operator, id: AccountId) -> Result<(), AdministrationError> {
        let mut unit = self.core.begin().await?;
        let guarded = find_guarded(&mut unit, id).await?.ok_or(AdministrationError::NotFound)?;
        if guarded.is_last_root {
            return Err(AdministrationError::LastRoot);
        }
        unit.accounts().remove(id).await?;
        self.core.record(&mut unit, (EventKind::Deletion, Some(id)), &Cause::OPERATOR, self.core.now()).await?;
        Ok(unit.commit().await?)
    }
}
