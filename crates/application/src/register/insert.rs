//! Storing a new account, for which a provisional one makes room.

use time::OffsetDateTime;
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
            if !self.make_room(unit, taken, (account, account.created_at()), cause).await? {
                return Err(refusal(taken));
            }
        }
    }

    /// Takes from a provisional account what another one is to have; false if none has it.
    pub(crate) async fn make_room(
        &self,
        unit: &mut Unit,
        taken: UniqueKey,
        (account, now): (&Account, OffsetDateTime),
        cause: &Cause,
    ) -> Result<bool, StoreError> {
        match (taken, account.username()) {
            (UniqueKey::AccountEmail, _) => {
                let Some(removed) = unit.accounts().remove_provisional(account.email()).await? else {
                    return Ok(false);
                };
                self.core.record(unit, cause.of(EventKind::Deletion, Some(removed)), now).await?;
                Ok(true)
            }
            (UniqueKey::AccountUsername, Some(name)) if account.is_active() => {
                unit.accounts().release_username(name).await
            }
            _ => Ok(false),
        }
    }
}

fn refusal(taken: UniqueKey) -> RegisterError {
    match taken {
        UniqueKey::AccountEmail => RegisterError::EmailTaken,
        UniqueKey::AccountUsername => RegisterError::UsernameTaken,
        UniqueKey::AccountIdentity => RegisterError::IdentityTaken,
        UniqueKey::AccountId | UniqueKey::DossierPhone | UniqueKey::PlaceName => StoreError::Conflict(taken).into(),
    }
}
