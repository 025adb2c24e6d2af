//! What stores keep as primitives.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a helper that cannot make its value is to fail on the spot")]

#[cfg(feature = "serde")]
mod records;
mod stored;
