//! Randomness whose seed a failed test prints, so that it can be repeated.

use std::{env, thread};

use vestibule_ports::RandomnessExt;
use vestibule_system::OsRandomness;
use vestibule_testkit::SeededRandomness;

/// Names the seed, for a run like one before.
const VARIABLE: &str = "VESTIBULE_TEST_SEED";

/// Numbers that follow from a seed, which is printed when the test fails.
pub(crate) struct Dice {
    seed: u64,
    randomness: SeededRandomness,
}

impl Dice {
    pub(crate) fn new() -> Self {
        let given = env::var(VARIABLE).ok().map(|seed| seed.parse().unwrap());
        let seed = given.unwrap_or_else(|| u64::from_be_bytes(OsRandomness.bytes()));
        Self { seed, randomness: SeededRandomness::new(seed) }
    }

    /// A number below another.
    pub(crate) fn below(&self, limit: usize) -> usize {
        usize::try_from(u64::from_be_bytes(self.randomness.bytes()) % limit as u64).unwrap()
    }
}

impl Drop for Dice {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{VARIABLE}={}", self.seed);
        }
    }
}
