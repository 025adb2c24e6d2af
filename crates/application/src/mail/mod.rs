//! Mail: composing it, putting it into the outbox with its cause, delivering it, reading the local mailbox.

mod compose;
mod deliver;
mod list_mailbox;
mod outbox;
mod post;
mod send_test;

pub use compose::LinkMail;
pub use deliver::{Delivery, LeasedMail};
pub use outbox::{OutboxEntries, OutboxList};
pub(crate) use post::Letter;
