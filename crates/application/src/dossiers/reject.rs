//! Rejecting a dossier.

use vestibule_domain::{AccountId, Dossier, dossier::Note};

use super::{DossierError, Dossiers, reviewer};
use crate::Caller;

/// What to reject, and what to say.
#[derive(Debug)]
pub struct RejectDossier {
    /// Whose dossier it is.
    pub id: AccountId,
    /// What the owner is told beside the verdicts.
    pub message: Option<Note>,
}

impl Dossiers {
    /// Gives a dossier that the caller holds, and of which a field is rejected, back to its owner.
    pub async fn reject(&self, caller: &Caller, input: RejectDossier) -> Result<Dossier, DossierError> {
        let reviewer = reviewer(caller)?;
        let now = self.core.now();
        self.decide((caller, now), input.id, |dossier| dossier.reject(reviewer, now, input.message)).await
    }
}
