//! Editing the dossier of an account, whichever door the edit came through.

use time::OffsetDateTime;
use vestibule_domain::{Account, Dossier, DossierChange};
use vestibule_ports::{StoreError, UniqueKey};

use crate::{
    accounts::{AccountError, EditAccountError},
    own_account::UpdateSelfError,
    register::RegisterError,
    unit::Unit,
};

/// Why a dossier was not edited.
pub(crate) enum DossierEditError {
    /// Another account has the telephone number.
    PhoneTaken,
    /// The store.
    Store(StoreError),
}

/// Edits the dossier of an account that is locked, or new.
pub(crate) async fn edit_dossier(
    unit: &mut Unit,
    owner: &Account,
    change: DossierChange,
    now: OffsetDateTime,
) -> Result<(), DossierEditError> {
    if change.is_empty() { Ok(()) } else { edited_dossier(unit, owner, change, now).await.map(drop) }
}

/// The same, and returns the dossier as it is now. A provisional account gives its telephone number up to a live one.
pub(crate) async fn edited_dossier(
    unit: &mut Unit,
    owner: &Account,
    change: DossierChange,
    now: OffsetDateTime,
) -> Result<Dossier, DossierEditError> {
    let found = unit.dossiers().find(owner.id()).await?;
    let mut dossier = found.unwrap_or_else(|| Dossier::empty(owner.id()));
    let before: Vec<_> = dossier.blobs().collect();
    if !dossier.change(change, now) {
        return Ok(dossier);
    }
    unit.release(before, dossier.blobs());
    let stored = unit.dossiers().replace(&dossier).await;
    match (stored, dossier.values.phone()) {
        (Err(StoreError::Conflict(UniqueKey::DossierPhone)), Some(phone))
            if owner.is_active() && unit.dossiers().release_phone(phone).await? =>
        {
            unit.dossiers().replace(&dossier).await?;
        }
        (stored, _) => stored?,
    }
    Ok(dossier)
}

impl From<StoreError> for DossierEditError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(UniqueKey::DossierPhone) => Self::PhoneTaken,
            other => Self::Store(other),
        }
    }
}

/// Tells a taken telephone number in the words of a family of use cases.
macro_rules! edits_into {
    ($($refused:ident),+) => {
        $(impl From<DossierEditError> for $refused {
            #[track_caller]
            fn from(error: DossierEditError) -> Self {
                match error {
                    DossierEditError::PhoneTaken => Self::PhoneTaken,
                    DossierEditError::Store(error) => Self::from(error),
                }
            }
        })+
    };
}

edits_into!(UpdateSelfError, RegisterError, EditAccountError);

/// Those who change others set no telephone number.
impl From<DossierEditError> for AccountError {
    #[track_caller]
    fn from(error: DossierEditError) -> Self {
        match error {
            DossierEditError::PhoneTaken => StoreError::Conflict(UniqueKey::DossierPhone).into(),
            DossierEditError::Store(error) => Self::from(error),
        }
    }
}
