//! Signed tokens: JWT (RFC 7519) in the compact form of JWS (RFC 7515), by the `jsonwebtoken` crate.
//!
//! Each dialect and kind of token has a key of its own, and each key one algorithm; what a token's header asks for
//! never chooses either. This crate must never look at the clock or at what claims other than `exp` mean. To add an
//! algorithm, add it to the port's enum and to the matches in `keys.rs`.

mod keys;
mod parts;
pub mod signer;

pub use keys::KeyError;
pub use signer::JwtSigner;
