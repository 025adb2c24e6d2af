//! Storing a document.

use vestibule_domain::{
    BlobId, BlobName, Dossier, DossierChange,
    dossier::{Document, StoredDocument},
};

use super::{
    DocumentError, DocumentOf, Documents,
    content::{Beginning, Pipe},
};
use crate::{Caller, rights::may_handle_documents, unit::Unit};

/// A source that did not come to its end, such as a client that went away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the content did not come to its end")]
pub struct Truncated;

impl From<Truncated> for DocumentError {
    fn from(Truncated: Truncated) -> Self {
        Self::Truncated
    }
}

/// A content that comes piece by piece. It is asked for a piece only when there is room for it.
pub trait Chunks {
    /// The next piece; none at the end.
    fn next(&mut self) -> impl Future<Output = Result<Option<Vec<u8>>, Truncated>>;
}

impl Documents {
    /// Stores a document, which replaces what the field held. The type is told by the content. Until the end the field
    /// holds what it held; where this fails or its future is dropped, it stays so. An account may have four under way on a
    /// node, and all together 64.
    pub async fn upload(
        &self,
        caller: &Caller,
        document: DocumentOf,
        mut content: impl Chunks,
    ) -> Result<StoredDocument, DocumentError> {
        Self::admit(caller, document)?;
        let _turn = self.under_way.begin(caller.id())?;
        self.must_exist(caller, document).await?;
        let Beginning { media_type, bytes } = Beginning::read(&mut content).await?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > Self::MAX_BYTES) {
            return Err(DocumentError::TooLarge);
        }
        let name = BlobName::of_document(document.owner, BlobId::new(self.core.random()));
        let sealer = self.sealer(document, name).await?;
        let orphan = self.core.discarded.unless_kept(name);
        let mut pipe = Pipe::new(sealer, self.ports.blobs.create(name).await?);
        pipe.push(&bytes).await?;
        drop(bytes);
        while let Some(piece) = content.next().await? {
            pipe.push(&piece).await?;
        }
        let written = pipe.finish().await?;
        let now = self.core.now();
        let stored = StoredDocument {
            blob: name.id,
            media_type,
            size_bytes: written.size_bytes,
            sha256: written.sha256,
            uploaded_at: now,
        };
        // The content may have taken minutes.
        self.admit_still(caller, document).await?;
        let mut unit = self.core.begin().await?;
        let mut dossier = self.locked(&mut unit, caller, document).await?;
        let before: Vec<_> = dossier.blobs().collect();
        if dossier.change(DossierChange::of_document(document.field, Some(Document::Stored(stored))), now) {
            unit.release(before, dossier.blobs());
            unit.dossiers().replace(&dossier).await?;
        }
        // From here on the row may be there, also if the answer does not come back: only the sweep may tell.
        orphan.keep();
        unit.commit().await?;
        Ok(stored)
    }

    /// Judges another caller than the owner by the row of now. The row is not locked: two who store documents for each other
    /// would wait for each other.
    async fn admit_still(&self, caller: &Caller, document: DocumentOf) -> Result<(), DocumentError> {
        if caller.id() == document.owner {
            return Ok(());
        }
        let account = self.core.read().accounts().find(caller.id()).await?;
        let account = account.filter(|account| caller.is_still(account)).ok_or(DocumentError::SignedOut)?;
        if may_handle_documents(&account, document.owner) { Ok(()) } else { Err(DocumentError::Forbidden) }
    }

    /// The dossier of an account, which is locked; refused if the caller is the owner and is not any more what was
    /// authenticated.
    pub(super) async fn locked(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        document: DocumentOf,
    ) -> Result<Dossier, DocumentError> {
        let owner = document.owner;
        let account = unit.accounts().find_for_update(owner).await?;
        let account = account.ok_or(DocumentError::UnknownAccount)?;
        if caller.id() == owner && !caller.is_still(&account) {
            return Err(DocumentError::SignedOut);
        }
        Ok(unit.dossiers().find(owner).await?.unwrap_or_else(|| Dossier::empty(owner)))
    }
}
