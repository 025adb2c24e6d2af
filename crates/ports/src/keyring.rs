//! Keyed digests and sealed content, under keys derived from the one server secret.

use vestibule_domain::{BlobName, Digest};

/// What was sealed cannot be opened: it was changed, cut off, is another blob's, or was sealed under another secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the seal is broken, or of another secret")]
pub struct SealBroken;

/// Holds the keys; the keys never leave it.
pub trait Keyring: Send + Sync {
    /// HMAC-SHA-256 over the parts, each prefixed by its length, under the key of a label (such as `code`).
    fn digest(&self, label: &'static str, parts: &[&[u8]]) -> Digest;
    /// Encrypts and authenticates content that must not lie in the store in clear.
    fn seal(&self, content: &[u8]) -> Vec<u8>;
    /// Opens what [`Keyring::seal`] made.
    fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, SealBroken>;
    /// Seals a new key for the documents of a dossier, made of random bytes. Only this form of it is ever stored.
    fn seal_document_key(&self, random: [u8; 32]) -> SealedDocumentKey;
    /// Begins to seal the content of a blob under the key of its dossier. Another blob of the same key has other random
    /// bytes.
    fn blob_sealer(
        &self,
        key: &SealedDocumentKey,
        blob: BlobName,
        random: [u8; 19],
    ) -> Result<Box<dyn BlobSealer>, SealBroken>;
    /// Begins to open the sealed content of a blob.
    fn blob_opener(&self, key: &SealedDocumentKey, blob: BlobName) -> Result<Box<dyn BlobOpener>, SealBroken>;
}

/// The key of the documents of a dossier, sealed under the server secret: without that it says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedDocumentKey(Vec<u8>);

impl SealedDocumentKey {
    /// Takes what [`Keyring::seal_document_key`] made, as it was stored.
    pub const fn from_stored(sealed: Vec<u8>) -> Self {
        Self(sealed)
    }

    /// What is stored.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Seals a content as it comes, in constant memory. What it gives, joined, is the sealed content.
pub trait BlobSealer: Send {
    /// Takes a piece of any size, and gives what is ready, which may be nothing.
    fn seal(&mut self, piece: &[u8]) -> Vec<u8>;
    /// Gives the rest; without it the sealed content is cut off, and does not open.
    fn finish(self: Box<Self>) -> Vec<u8>;
}

/// Opens a sealed content as it comes, in constant memory. What it gives is authentic, but the whole of it only once
/// [`BlobOpener::finish`] says so.
pub trait BlobOpener: Send {
    /// Takes a piece of any size, and gives what is ready, which may be nothing. After an error nothing is given any more.
    fn open(&mut self, piece: &[u8]) -> Result<Vec<u8>, SealBroken>;
    /// Gives the rest, and says that nothing is missing.
    fn finish(self: Box<Self>) -> Result<Vec<u8>, SealBroken>;
}
