//! Mail: composing it, putting it into the outbox with its cause, delivering it, reading the local mailbox.

pub(crate) mod compose;
mod deliver;
mod list_mailbox;
mod post;
mod send_test;

pub use deliver::Delivered;
