//! Putting a dossier back into the queue.

use vestibule_domain::{AccountId, Dossier, Role};

use super::{DossierError, Dossiers, reviewer};
use crate::Caller;

impl Dossiers {
    /// Puts the dossier of an account back: one that the caller holds, or, for an admin or root, one that anyone holds.
    pub async fn release(&self, caller: &Caller, id: AccountId) -> Result<Dossier, DossierError> {
        let reviewer = reviewer(caller)?;
        let frees_any = caller.account().role() >= Role::Admin;
        self.change(id, |dossier| if frees_any { dossier.free() } else { dossier.release(reviewer) }).await
    }
}
