//! Randomness for ids, codes, tokens and epochs.

/// A cryptographically secure source of random bytes.
pub trait Randomness: Send + Sync {
    /// Fills the buffer.
    fn fill(&self, bytes: &mut [u8]);
}

/// Random arrays of any length.
pub trait RandomnessExt: Randomness {
    /// `N` random bytes.
    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}

impl<R: Randomness + ?Sized> RandomnessExt for R {}
