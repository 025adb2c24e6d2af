//! Changing one's own name and dossier.

use vestibule_domain::{Account, Dossier, DossierChange};
use vestibule_ports::StoreError;

use super::{OwnAccountError, RenameSelf, rename::replaced};
use crate::{
    Caller, Identity,
    dossier::edited_dossier,
    fault::{Fault, faults_into},
};

/// What to change; the rest stays.
#[derive(Debug, Default)]
pub struct UpdateSelf {
    /// The parts of the name.
    pub name: RenameSelf,
    /// The fields of the dossier.
    pub dossier: DossierChange,
}

/// Why an account did not change its name and dossier.
#[derive(Debug, thiserror::Error)]
pub enum UpdateSelfError {
    /// The account was removed, or its tokens ended, in the meantime.
    #[error("the caller is no longer signed in")]
    SignedOut,
    /// Another account has the telephone number.
    #[error("another account has this telephone number")]
    PhoneTaken,
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(UpdateSelfError: StoreError);

impl From<OwnAccountError> for UpdateSelfError {
    fn from(error: OwnAccountError) -> Self {
        match error {
            OwnAccountError::SignedOut => Self::SignedOut,
            OwnAccountError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl Identity {
    /// Changes the caller's name and dossier together, and returns both as they are now.
    pub async fn update_self(&self, caller: &Caller, input: UpdateSelf) -> Result<(Account, Dossier), UpdateSelfError> {
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
