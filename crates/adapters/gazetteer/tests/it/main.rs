//! The offline gazetteer as its users see it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test helpers may panic")]

mod data;
mod hostile;
mod understanding;

use vestibule_domain::place::PlaceName;
use vestibule_gazetteer::OfflineGeocoder;
use vestibule_ports::geocoder::{FoundPlace, Geocoder};

/// What a geocoder says about a text.
async fn locate(geocoder: &OfflineGeocoder, text: &str) -> Option<FoundPlace> {
    let name = PlaceName::parse(text).unwrap_or_else(|_| panic!("{text:?} is no name of a place"));
    geocoder.locate(&name).await.unwrap_or_else(|error| panic!("{text:?}: {error}"))
}
