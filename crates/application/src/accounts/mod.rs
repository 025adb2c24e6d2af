//! What a signed-in account does.

mod authenticate;
mod find_registered;

pub use authenticate::{AuthenticateError, Presented};
pub use find_registered::{FindRegistered, RegisteredAccount};
