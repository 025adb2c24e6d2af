//! The key of the documents of a dossier.

use vestibule_domain::Dossier;
use vestibule_ports::SealedDocumentKey;

use super::{DocumentError, DocumentOf, Documents};

impl Documents {
    /// The key of a dossier; makes key and dossier where there is none. In a unit of its own, before the content comes: an
    /// upload that fails leaves an empty dossier, which shows as none.
    pub(super) async fn document_key(&self, document: DocumentOf) -> Result<SealedDocumentKey, DocumentError> {
        let owner = document.owner;
        if let Some(key) = self.core.read().dossiers().document_key(owner).await? {
            return Ok(key);
        }
        let key = self.core.ports.keyring.seal_document_key(self.core.random());
        let mut unit = self.core.begin().await?;
        unit.accounts().find_for_update(owner).await?.ok_or(DocumentError::UnknownAccount)?;
        if unit.dossiers().find(owner).await?.is_none() {
            unit.dossiers().replace(&Dossier::empty(owner)).await?;
        }
        // Another first upload may have made one since.
        let kept = unit.dossiers().keep_document_key(owner, &key).await?.ok_or(DocumentError::UnknownAccount)?;
        unit.commit().await?;
        Ok(kept)
    }
}
