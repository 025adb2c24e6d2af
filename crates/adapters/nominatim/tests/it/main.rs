//! The geocoder against a Nominatim server of this machine.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test helpers may panic")]

mod answers;
mod options;
mod server;
mod trouble;
mod turns;

use std::time::Duration;

use vestibule_domain::place::PlaceName;
use vestibule_nominatim::{NominatimGeocoder, NominatimOptions};
use vestibule_ports::{FoundPlace, GeocodeError, Geocoder};

use crate::server::LocalNominatim;

const PUBLIC_URL: &str = "https://accounts.example.org";

/// Options for a local server: short timeouts, and no rate limit.
fn options(local: &LocalNominatim) -> NominatimOptions {
    NominatimOptions {
        timeout: Duration::from_millis(500),
        interval: Duration::ZERO,
        ..NominatimOptions::new(&local.url(), PUBLIC_URL)
    }
}

fn geocoder(local: &LocalNominatim) -> NominatimGeocoder {
    NominatimGeocoder::new(&options(local)).unwrap()
}

async fn locate(geocoder: &NominatimGeocoder, text: &str) -> Result<Option<FoundPlace>, GeocodeError> {
    geocoder.locate(&PlaceName::parse(text).unwrap()).await
}

/// Everything that an error says.
fn words(error: &GeocodeError) -> String {
    let mut words = format!("{error:?} {error}");
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        words = format!("{words} {error}");
        source = error.source();
    }
    words
}
