//! Giving verdicts on fields.

use vestibule_domain::{AccountId, Dossier, dossier::VerdictChange};

use super::{DossierError, Dossiers, reviewer};
use crate::Caller;

/// What to say of which fields.
#[derive(Debug)]
pub struct SetVerdicts {
    /// Whose dossier it is.
    pub id: AccountId,
    /// The verdicts to give and to take back.
    pub verdicts: VerdictChange,
}

impl Dossiers {
    /// Gives verdicts on a dossier that the caller holds, and takes others back.
    pub async fn set_verdicts(&self, caller: &Caller, input: SetVerdicts) -> Result<Dossier, DossierError> {
        let reviewer = reviewer(caller)?;
        let now = self.core.now();
        self.change(input.id, |dossier| dossier.set_verdicts(reviewer, now, input.verdicts)).await
    }
}
