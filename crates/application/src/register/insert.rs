//! Storing a new account, for which a provisional one makes room.

use vestibule_domain::{Account, EventKind};
use vestibule_ports::{StoreError, UniqueKey};

use super::RegisterError;
use crate::{Identity, events::Cause, unit::Unit};

impl Identity {
    /// Inserts an account. A provisional account makes room: for its address altogether, and for its user name if the new
    /// account is live.
    pub(crate) async fn insert_account(
        &self,
        unit: &mut Unit,
        account: &Account,
        cause: &Cause,
    ) -> Result<(), RegisterError> {
        loop {
            let taken = match unit.accounts().insert(account).await {
                Err(StoreError::Conflict(taken)) => taken,
                other => return Ok(other?),
            };
            let has_room = match (taken, account.username()) {
                (UniqueKey::AccountEmail, _) => self.replace_provisional(unit, account, cause).await?,
                (UniqueKey::AccountUsername, Some(name)) if account.is_active() => {
                    unit.accounts().release_username(name).await?
                }
                _ => false,
            };
            if !has_room {
                return Err(refusal(taken));
            }
        }
    }

    /// Removes the provisional account that has the address; false if there is none.
    async fn replace_provisional(&self, unit: &mut Unit, account: &Account, cause: &Cause) -> Result<bool, StoreError> {
        let Some(removed) = unit.accounts().remove_provisional(account.email()).await? else { return Ok(false) };
        self.core.record(unit, (EventKind::Deletion, Some(removed)), cause, account.created_at()).await?;
        Ok(true)
    }
}

fn refusal(taken: UniqueKey) -> RegisterError {
    match taken {
        UniqueKey::AccountEmail => RegisterError::EmailTaken,
        UniqueKey::AccountUsername => RegisterError::UsernameTaken,
        UniqueKey::AccountIdentity => RegisterError::IdentityTaken,
        UniqueKey::AccountId | UniqueKey::DossierPhone => StoreError::Conflict(taken).into(),
    }
}
