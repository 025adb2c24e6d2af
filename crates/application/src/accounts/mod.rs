//! What a signed-in account does.

mod authenticate;
mod find_registered;
mod lookups;
mod show;

pub use authenticate::{AuthenticateError, Presented, PresentedByAnyone, PresentedInSession};
pub use find_registered::{FindRegistered, RegisteredAccount};
pub(crate) use lookups::Lookups;
