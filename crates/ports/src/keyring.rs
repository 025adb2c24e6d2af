//! Keyed digests and sealed content, under keys derived from the one server secret.

use vestibule_domain::Digest;

/// What was sealed cannot be opened: it was changed, or sealed under another secret.
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
}
