//! A content on its way into a blob.

use sha2::{Digest, Sha256};
use vestibule_domain::dossier::MediaType;
use vestibule_ports::{BlobSealer, BlobWriter};

use super::{Chunks, DocumentError, Documents};

/// The beginning of a content, by which its type is told, and how much of the source it took.
pub(super) struct Beginning {
    pub(super) media_type: MediaType,
    pub(super) bytes: Vec<u8>,
}

impl Beginning {
    /// Reads as much as tells the type.
    pub(super) async fn read(source: &mut impl Chunks) -> Result<Self, DocumentError> {
        let mut bytes = Vec::new();
        while bytes.len() < MediaType::DETECTED_BY {
            let Some(mut chunk) = source.next().await? else { break };
            bytes.append(&mut chunk);
        }
        if bytes.is_empty() {
            return Err(DocumentError::Empty);
        }
        let media_type = MediaType::detect(&bytes).ok_or(DocumentError::UnsupportedMedia)?;
        Ok(Self { media_type, bytes })
    }
}

/// What was written.
pub(super) struct Written {
    pub(super) size_bytes: u64,
    pub(super) sha256: [u8; 32],
}

/// Counts, digests and seals a content piece by piece, and hands it to its blob.
pub(super) struct Pipe {
    sealer: Box<dyn BlobSealer>,
    writer: Box<dyn BlobWriter>,
    digest: Sha256,
    size_bytes: u64,
}

impl Pipe {
    pub(super) fn new(sealer: Box<dyn BlobSealer>, writer: Box<dyn BlobWriter>) -> Self {
        Self { sealer, writer, digest: Sha256::new(), size_bytes: 0 }
    }

    pub(super) async fn push(&mut self, piece: &[u8]) -> Result<(), DocumentError> {
        self.size_bytes += u64::try_from(piece.len()).unwrap_or(u64::MAX);
        if self.size_bytes > Documents::MAX_BYTES {
            return Err(DocumentError::TooLarge);
        }
        self.digest.update(piece);
        let sealed = self.sealer.seal(piece);
        if !sealed.is_empty() {
            self.writer.write(sealed).await?;
        }
        Ok(())
    }

    pub(super) async fn finish(mut self) -> Result<Written, DocumentError> {
        self.writer.write(self.sealer.finish()).await?;
        self.writer.finish().await?;
        Ok(Written { size_bytes: self.size_bytes, sha256: self.digest.finalize().into() })
    }
}
