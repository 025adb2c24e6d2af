//! Options that are not taken.

use vestibule_nominatim::{InvalidNominatimUrl, NominatimConfigError, NominatimGeocoder, NominatimOptions};

use crate::PUBLIC_URL;

#[tokio::test]
async fn https_is_required_except_on_this_machine() {
    for url in ["https://places.example.org", "http://localhost:8080", "http://127.0.0.1/nominatim"] {
        assert!(NominatimGeocoder::new(&NominatimOptions::new(url, PUBLIC_URL)).is_ok(), "{url}");
    }
    for (url, expected) in [
        ("http://places.example.org", InvalidNominatimUrl::Insecure),
        ("places.example.org", InvalidNominatimUrl::Malformed),
    ] {
        let refused = NominatimGeocoder::new(&NominatimOptions::new(url, PUBLIC_URL)).err();
        assert!(matches!(refused, Some(NominatimConfigError::Url(error)) if error == expected), "{url}");
    }
}

#[tokio::test]
async fn a_public_url_that_breaks_the_header_is_refused() {
    let refused = NominatimGeocoder::new(&NominatimOptions::new("https://places.example.org", "https://a\r\nb")).err();
    assert!(matches!(refused, Some(NominatimConfigError::UserAgent)));
}
