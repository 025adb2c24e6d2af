//! Transport that every dialect shares: reading bodies, credentials and sources, writing answers.
//!
//! Nothing here knows a dialect's words: what can go wrong is a typed error that each dialect puts into its envelope.

pub(crate) mod accept;
pub(crate) mod bearer;
pub(crate) mod body;
pub(crate) mod chapter;
pub(crate) mod charset;
pub(crate) mod claims;
pub(crate) mod data_uri;
pub(crate) mod describe;
pub(crate) mod events;
pub(crate) mod faults;
pub(crate) mod gate;
pub(crate) mod here;
pub(crate) mod kind;
pub(crate) mod link_page;
pub(crate) mod middleware;
pub(crate) mod paged;
pub(crate) mod prefetch;
pub(crate) mod query;
pub(crate) mod readers;
pub(crate) mod reply;
pub(crate) mod routes;
pub(crate) mod shape;
pub(crate) mod single;
pub(crate) mod source;
pub(crate) mod table;
pub(crate) mod timestamp;
pub(crate) mod upload;
