//! Changing one's own name and dossier.

use vestibule_domain::{Account, Dossier, DossierChange};
use vestibule_ports::{StoreError, UniqueKey};

use super::{OwnAccountError, RenameSelf, rename::replaced};
use crate::{Caller, Identity, unit::Unit};

/// What to change; the rest stays.
#[derive(Debug, Default)]
pub struct UpdateSelf {
    /// The parts of the name.
    pub name: RenameSelf,
    /// The fields of the dossier.
    pub dossier: DossierChange,
}

impl Identity {
    /// Changes the caller's name and dossier together, and returns both as they are now.
    pub async fn update_self(&self, caller: &Caller, input: UpdateSelf) -> Result<(Account, Dossier), OwnAccountError> {
        let now = self.core.now();
        let mut unit = self.core.begin().await?;
        let mut account = self.find_self(&mut unit, caller).await?;
        if !input.name.is_empty() {
            account.rename(replaced(account.name(), input.name), now);
            unit.accounts().update(&account).await?;
        }
        let found = unit.dossiers().find(account.id()).await?;
        let mut dossier = found.unwrap_or_else(|| Dossier::empty(account.id()));
        if dossier.change(input.dossier, now) {
            store(&mut unit, &dossier).await?;
        }
        unit.commit().await?;
        Ok((account, dossier))
    }
}

/// Stores the dossier of a live account; a provisional account gives its telephone number up to it.
async fn store(unit: &mut Unit, dossier: &Dossier) -> Result<(), OwnAccountError> {
    let mut stored = unit.dossiers().replace(dossier).await;
    if let (Err(StoreError::Conflict(UniqueKey::DossierPhone)), Some(phone)) = (&stored, dossier.values.phone())
        && unit.dossiers().release_phone(phone).await?
    {
        stored = unit.dossiers().replace(dossier).await;
    }
    stored.map_err(|error| match error {
        StoreError::Conflict(UniqueKey::DossierPhone) => OwnAccountError::PhoneTaken,
        other => other.into(),
    })
}
