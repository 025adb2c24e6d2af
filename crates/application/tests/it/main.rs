//! The use cases on the memory store, with a clock that is set by hand.

mod administration;
mod mail;
mod password_reset;
mod register;
mod sign_in;
mod support;
