//! The HTTP side of Vestibule: the dialects, the documents about them, health, the local mailbox.
//!
//! Each dialect is a folder under `dialects/` with the same rooms, and a stranger to the others; only transport is
//! shared. This crate must never contain a rule of the domain, a storage port or a decision about rights. To add a
//! dialect, copy the rooms of an existing one and add it to the list in `dialects/mod.rs`.

mod app;
mod dialects;
mod health;
mod mailbox;
mod openapi;
mod options;
mod pages;
mod problem;
mod shared;

pub use app::{Service, service, token_keys};
pub use dialects::{
    ALL as DIALECTS, Dialect, DialectSettings, Mount, contacts::ContactsOptions, ego::EgoOptions,
    looking::LookingOptions, mern::MernOptions, rococoins::RococoinsOptions, routes,
};
pub use openapi::{document as openapi_document, routes as server_routes};
pub use options::{HttpOptions, Leaving, RequestLimits, Site};
pub use shared::{
    kind::Kind,
    routes::{Access, RouteRow},
};
