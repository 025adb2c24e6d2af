//! Storage in memory: a whole store, and blobs, that last as long as their process.
//!
//! A unit of work changes its own copy of the state behind one writer lock, and its commit replaces the committed state by
//! the copy. So a dropped unit leaves nothing, and readers see the last committed state without waiting. The tables share
//! structure with their copies (crate `rpds`): a copy costs a few counters, and a change the path to one row, whatever the
//! number of accounts.
//!
//! It must keep every promise the way the SQL stores do, and never offer what they cannot. Each aggregate has one file,
//! with its table and its port; to add one, add a table to `state.rs`. Beside them is the bus of a process that is the only
//! node (`bus`), and the export and import of all tables (`transfer`).

mod accounts;
mod blobs;
mod bus;
mod codes;
mod conversations;
mod dossiers;
mod events;
mod fingerprint;
mod mailbox;
mod outbox;
mod places;
mod profiles;
mod sessions;
mod sources;
mod state;
mod store;
mod throttles;
mod tokens;
mod transfer;

pub use blobs::MemoryBlobs;
pub use bus::LocalBus;
pub use store::MemoryStore;
