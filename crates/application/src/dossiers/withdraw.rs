//! Taking one's own dossier back.

use vestibule_domain::{
    Dossier,
    dossier::{ReviewError, ReviewState},
};

use super::{DossierError, Dossiers};
use crate::Caller;

impl Dossiers {
    /// Makes a draft of the caller's dossier, if it is submitted or in review.
    pub async fn withdraw(&self, caller: &Caller) -> Result<Dossier, DossierError> {
        let withdrawn = self.change(caller.id(), Dossier::withdraw).await;
        withdrawn.map_err(|error| match error {
            // A dossier that was never begun is a draft.
            DossierError::NotFound => ReviewError::WrongState { state: ReviewState::Draft }.into(),
            other => other,
        })
    }
}
