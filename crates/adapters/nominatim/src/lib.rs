//! Places found by a Nominatim server, asked over HTTPS (`hyper`, `rustls`).
//!
//! The server may be one of the public ones. So at most one request a second leaves this process, each request identifies
//! us, and a server that refuses gets a pause. This crate must never retry a look-up by itself, follow a redirect, use a
//! proxy named by the environment, believe an answer before it is checked, or let what was looked up into an error or a
//! log. `geocoder.rs` says what is asked, `turns.rs` when.

mod answer;
mod client;
mod endpoint;
mod failure;
mod geocoder;
mod turns;

pub use endpoint::{InvalidNominatimUrl, check_url};
pub use geocoder::{NominatimConfigError, NominatimGeocoder, NominatimOptions};
