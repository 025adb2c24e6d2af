//! What keeps the server running: readiness, tidying up, the schema, the secret; and moving to
//! another store.

mod migrate;
mod outbox;
mod readiness;
mod secret;
mod tidy_up;
mod transfer;

pub use migrate::{InTheWay, LeftAlone, Spellings};
pub use readiness::{Readiness, Usage};
pub use secret::SecretError;
pub use transfer::{Exporting, ImportError, Importing};
