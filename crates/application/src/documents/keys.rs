//! The key of the documents of a dossier.

use vestibule_domain::{BlobName, Dossier};
use vestibule_ports::{BlobSealer, SealBroken, SealedDocumentKey};

use super::{DocumentError, DocumentOf, Documents};
use crate::Fault;

impl Documents {
    /// Seals a new blob under the key of its dossier; makes key and dossier where there is none. In a unit of its own, before
    /// the content comes: an upload that fails leaves an empty dossier, which shows as none.
    ///
    /// A key of a secret that was given up opens nothing any more, neither does what was sealed under it: a new one replaces it.
    pub(super) async fn sealer(
        &self,
        document: DocumentOf,
        name: BlobName,
    ) -> Result<Box<dyn BlobSealer>, DocumentError> {
        let owner = document.owner;
        let stored = self.core.read().dossiers().document_key(owner).await?;
        if let Some(key) = &stored
            && let Ok(sealer) = self.sealer_under(key, name)
        {
            return Ok(sealer);
        }
        let key = self.core.ports.keyring.seal_document_key(self.core.random());
        let mut unit = self.core.begin().await?;
        unit.accounts().find_for_update(owner).await?.ok_or(DocumentError::UnknownAccount)?;
        if stored.is_some() {
            // A node that still has the secret of before must not replace a key of the present one.
            let ours = self.core.fingerprint();
            if unit.fingerprint().claim(&ours).await? != ours {
                return Err(Fault::internal("the store is used with another secret than this node's").into());
            }
            tracing::warn!(
                account = owner.hex(),
                "the key of an account's documents is of another secret and is replaced"
            );
        }
        if unit.dossiers().find(owner).await?.is_none() {
            unit.dossiers().replace(&Dossier::empty(owner)).await?;
        }
        // Another first upload may have made one since.
        let kept = unit.dossiers().keep_document_key(owner, &key, stored.as_ref()).await?;
        let kept = kept.ok_or(DocumentError::UnknownAccount)?;
        unit.commit().await?;
        Ok(self.sealer_under(&kept, name)?)
    }

    fn sealer_under(&self, key: &SealedDocumentKey, name: BlobName) -> Result<Box<dyn BlobSealer>, SealBroken> {
        self.core.ports.keyring.blob_sealer(key, name, self.core.random())
    }
}
