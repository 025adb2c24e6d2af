//! The configured source of places.

use std::sync::Arc;

use vestibule_gazetteer::OfflineGeocoder;
use vestibule_nominatim::{NominatimConfigError, NominatimGeocoder, NominatimOptions};
use vestibule_ports::Geocoder;

use crate::config::{Config, Places};

/// Checks the options; reads no data and does not connect.
pub fn geocoder(config: &Config) -> Result<Arc<dyn Geocoder>, NominatimConfigError> {
    Ok(match &config.places {
        Places::Offline => Arc::new(OfflineGeocoder::new()),
        Places::Nominatim(url) => {
            let public_url = config.server.public_url_at(config.server.listen);
            Arc::new(NominatimGeocoder::new(&NominatimOptions::new(url, &public_url))?)
        }
    })
}
