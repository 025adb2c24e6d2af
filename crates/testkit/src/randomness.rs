//! Randomness that repeats in every run.

use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};
use vestibule_ports::Randomness;

/// Bytes derived only from a seed, without repetition: SHA-256 over the seed and a block counter.
#[derive(Debug, Default)]
pub struct SeededRandomness {
    seed: u64,
    blocks: AtomicU64,
}

impl SeededRandomness {
    /// A source with the same bytes as every other with this seed.
    pub const fn new(seed: u64) -> Self {
        Self { seed, blocks: AtomicU64::new(0) }
    }
}

impl Randomness for SeededRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let block = self.blocks.fetch_add(1, Ordering::Relaxed);
            let hash = Sha256::new().chain_update(self.seed.to_be_bytes()).chain_update(block.to_be_bytes()).finalize();
            chunk.copy_from_slice(&hash[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use vestibule_ports::RandomnessExt;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let (one, other) = (SeededRandomness::new(7), SeededRandomness::new(7));
        assert_eq!(one.bytes::<100>(), other.bytes::<100>());
        assert_eq!(one.bytes::<6>(), other.bytes::<6>());
    }

    #[test]
    fn another_seed_gives_other_bytes() {
        assert_ne!(SeededRandomness::new(1).bytes::<32>(), SeededRandomness::new(2).bytes::<32>());
    }

    #[test]
    fn no_value_comes_twice() {
        let randomness = SeededRandomness::default();
        let seen: HashSet<[u8; 6]> = (0..10_000).map(|_| randomness.bytes()).collect();
        assert_eq!(seen.len(), 10_000);
    }
}
