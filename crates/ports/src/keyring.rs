//! Keyed digests and sealed content, under keys derived from the one server secret.

use vestibule_domain::{BlobName, Digest};

/// Sealed content cannot be opened: it was changed or truncated, belongs to another blob, or was sealed under another
/// secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the seal is broken, or of another secret")]
pub struct SealBroken;

/// Holds the keys; the keys never leave it.
pub trait Keyring: Send + Sync {
    /// HMAC-SHA-256 over the parts, each prefixed by its length, under the key of a label (such as `code`).
    fn digest(&self, label: &'static str, parts: &[&[u8]]) -> Digest;
    /// Encrypts and authenticates content that must not be stored in the clear.
    fn seal(&self, content: &[u8]) -> Vec<u8>;
    /// Opens what [`Keyring::seal`] made.
    fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, SealBroken>;
    /// Seals a new key for a dossier's documents, made of random bytes. Only the sealed form is ever stored.
    fn seal_document_key(&self, random: [u8; 32]) -> SealedDocumentKey;
    /// Begins to seal the content of a blob under the key of its dossier. Each blob sealed under one key needs its own
    /// random bytes.
    fn blob_sealer(
        &self,
        key: &SealedDocumentKey,
        blob: BlobName,
        random: [u8; 19],
    ) -> Result<Box<dyn BlobSealer>, SealBroken>;
    /// Begins to open the sealed content of a blob.
    fn blob_opener(&self, key: &SealedDocumentKey, blob: BlobName) -> Result<Box<dyn BlobOpener>, SealBroken>;
}

/// The key of a dossier's documents, sealed under the server secret and useless without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedDocumentKey(Vec<u8>);

impl SealedDocumentKey {
    /// Takes the stored bytes that [`Keyring::seal_document_key`] made.
    pub const fn from_stored(sealed: Vec<u8>) -> Self {
        Self(sealed)
    }

    /// The bytes to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Seals content piece by piece, in constant memory. The joined outputs are the sealed content.
pub trait BlobSealer: Send {
    /// Takes a piece of any size and returns what is ready, which may be nothing.
    fn seal(&mut self, piece: &[u8]) -> Vec<u8>;
    /// Returns the rest; without it the sealed content is truncated and does not open.
    fn finish(self: Box<Self>) -> Vec<u8>;
}

/// Opens sealed content piece by piece, in constant memory. Every output is authentic, but only [`BlobOpener::finish`] says
/// that the content is complete.
pub trait BlobOpener: Send {
    /// Takes a piece of any size and returns what is ready, which may be nothing. After an error it returns nothing more.
    fn open(&mut self, piece: &[u8]) -> Result<Vec<u8>, SealBroken>;
    /// Returns the rest and confirms that nothing is missing.
    fn finish(self: Box<Self>) -> Result<Vec<u8>, SealBroken>;
}
