//! The keys of the server, all derived from its one secret.
//!
//! HKDF-SHA-256 (RFC 5869) makes a key of its own for each purpose, so that none can be used, or guessed from, in the
//! place of another. This crate must never hand out the secret, print a key, or read one from a file or the
//! environment. To add a use of the secret, give it a prefix of its own among those in `keyring.rs`.

mod blobs;
pub mod keyring;

pub use keyring::{SecretKeyring, SecretTooShort};
