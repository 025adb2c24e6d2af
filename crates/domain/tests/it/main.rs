//! The rules of the domain, as examples and as properties.

#![expect(clippy::unwrap_used, reason = "a helper that cannot make its value is to fail on the spot")]

mod accounts;
mod codes;
mod documents;
mod dossiers;
mod emails;
mod identities;
mod ids;
mod mail;
mod names;
mod passwords;
mod permissions;
mod places;
mod profiles;
mod reviews;
mod secrets;
mod sessions;
mod sources;
mod throttles;
mod words;
