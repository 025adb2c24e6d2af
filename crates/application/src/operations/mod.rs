//! What keeps the server running: readiness, tidying up, the schema.

mod migrate;
mod readiness;
mod tidy_up;

pub use readiness::{Readiness, Usage};
