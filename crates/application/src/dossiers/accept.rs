//! Accepting a dossier.

use vestibule_domain::{AccountId, Dossier};

use super::{DossierError, Dossiers, reviewer};
use crate::Caller;

impl Dossiers {
    /// Accepts a dossier that the caller holds. With four eyes it waits for another reviewer after the first acceptance.
    pub async fn accept(&self, caller: &Caller, id: AccountId) -> Result<Dossier, DossierError> {
        let reviewer = reviewer(caller)?;
        let (now, four_eyes) = (self.core.now(), self.core.policy.dossier.four_eyes);
        self.decide((caller, now), id, |dossier| dossier.accept(reviewer, now, four_eyes).map(drop)).await
    }
}
