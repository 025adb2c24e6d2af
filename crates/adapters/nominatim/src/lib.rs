//! Places found by a Nominatim server, asked over HTTPS (`hyper`, `rustls`).
//!
//! The server may be one of the public ones: so at most one request a second leaves this process, it says who asks, and a server
//! that refuses is left alone for a while. This crate must never try a look-up again by itself, follow a redirect, use a proxy
//! named by the environment, believe an answer before it is checked, or let what was looked up into an error or a log. What it
//! asks for is in `geocoder.rs`, when it may ask in `turns.rs`.

mod answer;
mod client;
mod endpoint;
mod failure;
mod geocoder;
mod turns;

pub use endpoint::{InvalidNominatimUrl, check_url};
pub use geocoder::{NominatimConfigError, NominatimGeocoder, NominatimOptions};
