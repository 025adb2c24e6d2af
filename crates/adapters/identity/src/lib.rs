//! Sign-in providers: Google, Facebook and Apple, asked over HTTPS (`hyper`, `rustls`), their ID tokens checked with
//! `jsonwebtoken`.
//!
//! Nothing that a client sends is believed until the provider, or a signature by the provider's key, confirms it. This
//! crate must never decide whose account an identity opens, follow a redirect, use a proxy named by the environment, or let
//! a token, a code or a secret into an error or a log. To add a provider, add a file that implements the port; one that
//! signs ID tokens shares `id_token.rs` and `jwks.rs`.

mod any_client;
pub mod apple;
mod client;
mod client_secret;
pub mod endpoint;
pub mod facebook;
mod failure;
pub mod google;
mod id_token;
mod jwks;
pub mod options;
mod parts;

pub use any_client::AnyClient;
pub use apple::{AppleOptions, AppleProvider};
pub use client_secret::check_private_key;
pub use endpoint::{InvalidEndpoint, check_endpoint};
pub use facebook::{FacebookOptions, FacebookProvider};
pub use google::{GoogleOptions, GoogleProvider};
pub use options::{IdentityConfigError, ProviderTimeouts};
