//! Taking a decision back.

use vestibule_domain::{AccountId, Dossier};

use super::{DossierError, Dossiers, reviewer};
use crate::Caller;

impl Dossiers {
    /// Takes an accepted or rejected dossier in review again, held by the caller.
    pub async fn reopen(&self, caller: &Caller, id: AccountId) -> Result<Dossier, DossierError> {
        let reviewer = reviewer(caller)?;
        let (now, until) = self.lease();
        self.decide((caller, now), id, |dossier| dossier.reopen(reviewer, until)).await
    }
}
