//! Where places are looked up.

use vestibule_domain::place::PlaceName;
use vestibule_ports::{FoundPlace, GeocodeError};
use vestibule_server::{compose::geocoder, config::Places};

use crate::support::{Place, config, problem};

/// What the configured source of places says.
async fn locate(environment: &[(&str, &str)], text: &str) -> Result<Option<FoundPlace>, GeocodeError> {
    let place = Place::new();
    let data_dir = place.path("data").display().to_string();
    let all = [environment, &[("DATABASE_URL", "memory:"), ("VESTIBULE_DATA_DIR", &data_dir)]].concat();
    geocoder(&place.config(&all)).unwrap().locate(&PlaceName::parse(text).unwrap()).await
}

#[test]
fn without_a_setting_places_are_looked_up_offline() {
    assert_eq!(config(&[]).places, Places::Offline);
    assert_eq!(config(&[("VESTIBULE_GEOCODER", "offline")]).places, Places::Offline);
}

#[test]
fn a_nominatim_server_is_named_by_its_url() {
    let url = "https://nominatim.example.org/v1";
    let named = config(&[("VESTIBULE_GEOCODER", "nominatim"), ("VESTIBULE_NOMINATIM_URL", url)]);
    assert_eq!(named.places, Places::Nominatim(url.to_owned()));
    let place = Place::with_file("[places]\ngeocoder = \"nominatim\"\nnominatim_url = \"http://[::1]:8080\"\n");
    assert_eq!(place.config(&[]).places, Places::Nominatim("http://[::1]:8080".to_owned()));
}

#[test]
fn nominatim_without_a_server_is_refused_in_words() {
    let words = problem(&[("VESTIBULE_GEOCODER", "nominatim")]);
    assert!(words.contains("places.nominatim_url") && words.contains("VESTIBULE_NOMINATIM_URL"), "{words}");
    assert!(words.contains("there is no server to ask"), "{words}");
}

#[test]
fn a_url_that_others_can_listen_to_is_refused() {
    for (url, what) in [("http://nominatim.example.org", "must begin with https"), ("example.org", "a scheme, a host")]
    {
        let words = problem(&[("VESTIBULE_GEOCODER", "nominatim"), ("VESTIBULE_NOMINATIM_URL", url)]);
        assert!(words.contains(what), "{words}");
    }
    assert!(problem(&[("VESTIBULE_GEOCODER", "google")]).contains("`offline` or `nominatim`"));
}

#[test]
fn a_server_that_is_not_asked_deserves_a_warning() {
    let warnings = config(&[("VESTIBULE_NOMINATIM_URL", "https://nominatim.example.org")]).warnings;
    assert!(warnings.iter().any(|warning| warning.contains("VESTIBULE_NOMINATIM_URL has no effect")), "{warnings:?}");
}

#[tokio::test]
async fn the_server_finds_cities_without_any_network() {
    let found = locate(&[], "Munich").await.unwrap().unwrap();
    assert_eq!(found.formatted.as_str(), "Munich, Bavaria, Germany");
}

#[tokio::test]
async fn the_server_asks_the_nominatim_server_that_is_named() {
    // No server listens on the discard port of this machine: the error shows that it was asked.
    let environment = [("VESTIBULE_GEOCODER", "nominatim"), ("VESTIBULE_NOMINATIM_URL", "http://127.0.0.1:9")];
    assert!(matches!(locate(&environment, "Munich").await, Err(GeocodeError::Unavailable(_))));
}
