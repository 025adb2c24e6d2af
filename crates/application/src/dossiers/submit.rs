//! Submitting one's own dossier.

use vestibule_domain::{Dossier, dossier::ReviewError};

use super::{DossierError, Dossiers};
use crate::Caller;

impl Dossiers {
    /// Submits the caller's dossier: a draft, or one that was rejected and has changed since.
    pub async fn submit(&self, caller: &Caller) -> Result<Dossier, DossierError> {
        let (now, required) = (self.core.now(), &self.core.policy.dossier.required);
        let submitted = self.change(caller.id(), |dossier| dossier.submit(required, now)).await;
        submitted.map_err(|error| match error {
            // A dossier that was never begun is empty.
            DossierError::NotFound => ReviewError::Incomplete { fields: required.clone() }.into(),
            other => other,
        })
    }
}
