//! Removing a document.

use vestibule_domain::DossierChange;

use super::{DocumentError, DocumentOf, Documents};
use crate::Caller;

impl Documents {
    /// Empties the field of a stored document; its content goes soon after. A path that a client told is no document.
    pub async fn remove(&self, caller: &Caller, document: DocumentOf) -> Result<(), DocumentError> {
        Self::admit(caller, document)?;
        let mut unit = self.core.begin().await?;
        let mut dossier = self.locked(&mut unit, caller, document).await?;
        dossier.values.stored_document(document.field).ok_or(DocumentError::NotFound)?;
        let before: Vec<_> = dossier.blobs().collect();
        if dossier.change(DossierChange::of_document(document.field, None), self.core.now()) {
            unit.release(before, dossier.blobs());
            unit.dossiers().replace(&dossier).await?;
        }
        unit.commit().await?;
        Ok(())
    }
}
