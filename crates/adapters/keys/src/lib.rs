//! The keys of the server, all derived from its one secret.
//!
//! HKDF-SHA-256 (RFC 5869) derives a separate key for each purpose, so that none can replace, or reveal, another. This
//! crate must never hand out the secret, print a key, or read one from a file or the environment. To add a use of the
//! secret, give it its own prefix among those in `keyring.rs`.

mod blobs;
pub mod keyring;

pub use keyring::{SecretKeyring, SecretTooShort};
