//! Taking the next dossier of the queue.

use vestibule_domain::Dossier;

use super::{DossierError, Dossiers, reviewer};
use crate::Caller;

impl Dossiers {
    /// Takes the oldest submission that no other reviewer holds in review, held by the caller; none if there is none for them.
    pub async fn take_next(&self, caller: &Caller) -> Result<Option<Dossier>, DossierError> {
        let reviewer = reviewer(caller)?;
        let (now, until) = self.lease();
        let mut unit = self.core.begin().await?;
        let taken = unit.dossiers().take_next(reviewer, now, until).await?;
        unit.commit().await?;
        Ok(taken)
    }
}
