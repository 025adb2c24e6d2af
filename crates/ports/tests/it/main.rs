//! What stores keep as primitives.

#![expect(clippy::panic, reason = "a helper that cannot make its value is to fail on the spot")]

mod stored;
