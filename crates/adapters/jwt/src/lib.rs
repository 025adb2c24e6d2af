//! Signed tokens: JWT (RFC 7519) in the compact form of JWS (RFC 7515), by the `jsonwebtoken` crate.
//!
//! Each dialect and kind of token has its own key, and each key one algorithm; the header of a token never chooses either.
//! This crate must never read the clock or interpret claims other than `exp`. To add an algorithm, add it to the port's
//! enum and to the matches in `keys.rs`.

mod keys;
mod parts;
pub mod signer;

pub use keys::KeyError;
pub use signer::JwtSigner;
