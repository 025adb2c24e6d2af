//! The table of all settings: it drives parsing, `config print`, `config example` and docs/configuration.md.
//!
//! Each file has the keys of some sections; those of a dialect are in `config/dialects`.

mod accounts;
mod blobs;
mod database;
mod dossiers;
mod email;
mod lifetimes;
mod places;
mod providers;
mod requests;
mod security;
mod server;
mod telemetry;

use std::sync::LazyLock;

pub(crate) use self::{
    accounts::*, blobs::*, database::*, dossiers::*, email::*, lifetimes::*, places::*, providers::*, requests::*,
    security::*, server::*, telemetry::*,
};
use super::{
    dialects,
    key::{Key, Kind},
};

/// Names each key of a file and lists them all, in the order of the documents.
macro_rules! table {
    ($($id:ident = $key:expr;)*) => {
        $(#[doc = concat!("See the table; `", stringify!($id), "`.")] pub(crate) const $id: Key = $key;)*
        /// Every key of this file, in the order of the documents.
        pub(super) const KEYS: &[Key] = &[$($id),*];
    };
}
pub(super) use table;

/// A whole number within bounds.
pub(super) const fn number(floor: u32, ceiling: u32) -> Kind {
    Kind::Number { floor, ceiling }
}

/// The purpose of each section, except those of the dialects.
const SECTIONS: &[(&str, &str)] = &[
    ("server", "The listener and what it says about itself."),
    ("database", "Where everything is kept."),
    ("blobs", "Where the contents of uploaded documents are kept, sealed."),
    ("requests", "How long and how large a request may be."),
    ("security", "The secret, passwords and limits."),
    (
        "guesses",
        "Password guesses on one account within 24 hours. Each source that signed in to it before has a count of its own, \
         all others share one.",
    ),
    ("limits", "How often something may be done. Those per source and per account are counted by each node."),
    ("codes", "Mailed codes and links."),
    ("refresh", "Refresh tokens, where a dialect has them."),
    ("accounts", "Sign-ups that wait to be proven."),
    ("profiles", "Stories that the public hands in, and that wait for a decision."),
    ("events", "Security events: `vestibule events list` shows them."),
    (
        "root",
        "The first root account, made at start when there is none. With `memory:` it is the only way to make one.",
    ),
    ("dossiers", "The review of dossiers."),
    ("places", "How the places that users name are found on the map."),
    ("email", "The mail server. Without a host, mail goes to the local mailbox at `/dev/mailbox`."),
    ("metrics", "Prometheus metrics."),
    ("log", "Log lines, which go to standard error."),
    ("providers", "Sign-in providers. One without its ids is off: its routes answer 404."),
];

/// Every key, in the order of the documents.
pub fn all() -> &'static [Key] {
    static ALL: LazyLock<Vec<Key>> = LazyLock::new(|| {
        let files = [
            server::KEYS,
            database::KEYS,
            blobs::KEYS,
            requests::KEYS,
            security::KEYS,
            lifetimes::KEYS,
            accounts::KEYS,
            dossiers::KEYS,
            places::KEYS,
            email::KEYS,
            telemetry::KEYS,
            providers::KEYS,
        ];
        files.concat().into_iter().chain(dialects::keys()).collect()
    });
    &ALL
}

/// Every section and its purpose, in the order of the documents.
pub fn sections() -> &'static [(&'static str, &'static str)] {
    static ALL: LazyLock<Vec<(&str, &str)>> =
        LazyLock::new(|| SECTIONS.iter().copied().chain(dialects::sections()).collect());
    &ALL
}
