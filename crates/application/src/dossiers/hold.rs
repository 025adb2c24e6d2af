//! Taking a certain dossier, or keeping it for longer.

use vestibule_domain::{AccountId, Dossier};

use super::{DossierError, Dossiers, reviewer};
use crate::Caller;

impl Dossiers {
    /// Takes the dossier of an account in review, held by the caller; or renews the caller's hold.
    pub async fn hold(&self, caller: &Caller, id: AccountId) -> Result<Dossier, DossierError> {
        let reviewer = reviewer(caller)?;
        let (now, until) = self.lease();
        self.change(id, |dossier| dossier.hold(reviewer, now, until)).await
    }
}
