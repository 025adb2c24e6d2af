//! Digests of secrets: stored instead of the code or token itself.

use std::fmt;

use subtle::ConstantTimeEq;

/// 32 bytes of HMAC-SHA-256 or SHA-256; compared in constant time, never printed.
#[derive(Clone, Copy)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Takes the 32 bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for Digest {
    /// Always compares every byte, so that timing does not reveal how many agree.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Digest {}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}
