//! Changing one's own name and dossier.

use vestibule_domain::{Account, Dossier, DossierChange};

use super::{OwnAccountError, RenameSelf, rename::replaced};
use crate::{Caller, Identity, dossier::edited_dossier};

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
        let dossier = edited_dossier(&mut unit, &account, input.dossier, now).await?;
        unit.commit().await?;
        Ok((account, dossier))
    }
}
