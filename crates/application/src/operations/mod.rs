//! What keeps the server running: readiness, tidying up, the schema, the secret.

mod migrate;
mod outbox;
mod readiness;
mod secret;
mod tidy_up;

pub use migrate::{InTheWay, LeftAlone, Spellings};
pub use readiness::{Readiness, Usage};
pub use secret::SecretError;
