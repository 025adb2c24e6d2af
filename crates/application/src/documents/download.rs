//! Reading a document.

use vestibule_domain::{BlobName, dossier::StoredDocument};
use vestibule_ports::{BlobOpener, BlobReader};

use super::{DocumentError, DocumentOf, Documents};
use crate::{Caller, Fault};

/// A document that is being read.
pub struct DocumentContent {
    document: StoredDocument,
    name: BlobName,
    reader: Box<dyn BlobReader>,
    opener: Opener,
    given: u64,
}

enum Opener {
    UnderWay(Box<dyn BlobOpener>),
    /// All was given, and it was whole.
    Done,
    Failed,
}

impl Documents {
    /// Begins to read a stored document.
    pub async fn download(&self, caller: &Caller, document: DocumentOf) -> Result<DocumentContent, DocumentError> {
        Self::admit(caller, document)?;
        self.must_exist(caller, document).await?;
        let dossiers = self.core.read().dossiers();
        let mut missing = None;
        loop {
            let dossier = dossiers.find(document.owner).await?.ok_or(DocumentError::NotFound)?;
            let stored = *dossier.values.stored_document(document.field).ok_or(DocumentError::NotFound)?;
            let name = BlobName::of_document(document.owner, stored.blob);
            if missing == Some(name) {
                tracing::error!(blob = %name, "the content of a stored document is missing");
                return Err(Fault::internal("the content of a stored document is missing").into());
            }
            if let Some(reader) = self.ports.blobs.open(name).await? {
                // Read after the blob was found: a dossier with a blob has a key.
                let key = dossiers.document_key(document.owner).await?.ok_or(DocumentError::NotFound)?;
                let opener = self.core.ports.keyring.blob_opener(&key, name).inspect_err(|_| {
                    tracing::error!(blob = %name, "the key of a stored document is of another secret");
                })?;
                let opener = Opener::UnderWay(opener);
                return Ok(DocumentContent { document: stored, name, reader, opener, given: 0 });
            }
            // Another document may have taken its place since the dossier was read.
            missing = Some(name);
        }
    }
}

impl DocumentContent {
    /// What is known of it.
    pub const fn document(&self) -> &StoredDocument {
        &self.document
    }

    /// The next piece, which is authentic; none once all were given. A content that was changed or cut off ends with an
    /// error, and then the client that took the earlier pieces must be told, such as by a broken connection.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        loop {
            let mut opener = match std::mem::replace(&mut self.opener, Opener::Failed) {
                Opener::UnderWay(opener) => opener,
                Opener::Done => {
                    self.opener = Opener::Done;
                    return Ok(None);
                }
                Opener::Failed => return Err(Fault::internal("the content broke off before")),
            };
            let piece = if let Some(sealed) = self.reader.next().await? {
                let piece = opener.open(&sealed).map_err(|broken| self.broken(broken))?;
                self.opener = Opener::UnderWay(opener);
                piece
            } else {
                let piece = opener.finish().map_err(|broken| self.broken(broken))?;
                self.opener = Opener::Done;
                piece
            };
            self.given += u64::try_from(piece.len()).unwrap_or(u64::MAX);
            let is_whole = self.given == self.document.size_bytes;
            if self.given > self.document.size_bytes || (matches!(self.opener, Opener::Done) && !is_whole) {
                self.opener = Opener::Failed;
                return Err(self.broken("its size is another one"));
            }
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
        }
    }

    #[track_caller]
    fn broken(&self, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Fault {
        let why = why.into();
        tracing::error!(blob = %self.name, error = %why, "the content of a stored document is broken");
        Fault::internal(why)
    }
}
