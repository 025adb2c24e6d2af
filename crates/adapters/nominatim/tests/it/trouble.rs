//! Servers that are down, slow or misbehave.

use std::time::{Duration, Instant};

use vestibule_nominatim::{NominatimGeocoder, NominatimOptions};
use vestibule_ports::GeocodeError;
use vestibule_testkit::LocalProvider;

use crate::{
    PUBLIC_URL, geocoder, locate, options,
    server::{Deed, LocalNominatim, MUNICH},
    words,
};

const NAME: &str = "Geheimhausen";

/// The error of a look-up, which never says what was looked up.
async fn error(geocoder: &NominatimGeocoder) -> GeocodeError {
    let error = locate(geocoder, NAME).await.unwrap_err();
    assert!(!words(&error).contains(NAME), "{error:?}");
    error
}

#[tokio::test]
async fn a_server_that_is_down_or_overloaded_is_unavailable_and_asked_once() {
    for status in [429, 500, 502, 503, 504] {
        let local = LocalNominatim::start(Deed::Reply(status, "", String::new())).await;
        let error = error(&geocoder(&local)).await;
        assert!(matches!(error, GeocodeError::Unavailable(_)), "{status}: {error:?}");
        assert!(words(&error).contains(&status.to_string()), "{error:?}");
        assert_eq!(local.asked().len(), 1);
    }
}

#[tokio::test]
async fn a_server_that_refuses_has_failed() {
    for status in [204, 400, 403, 404] {
        let local = LocalNominatim::start(Deed::Reply(status, "", String::new())).await;
        let error = error(&geocoder(&local)).await;
        assert!(matches!(error, GeocodeError::Failed(_)), "{status}: {error:?}");
        assert_eq!(local.asked().len(), 1);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for status in [301, 302, 307, 308] {
        let local =
            LocalNominatim::start(Deed::Reply(status, "Location: /nominatim/search?moved\r\n", String::new())).await;
        let error = error(&geocoder(&local)).await;
        assert!(matches!(error, GeocodeError::Failed(_)), "{status}: {error:?}");
        assert_eq!(local.asked().len(), 1);
    }
}

#[tokio::test]
async fn a_slow_or_silent_server_is_not_waited_for() {
    for deed in [Deed::Silence, Deed::Late(Duration::from_secs(5), MUNICH.to_owned())] {
        let local = LocalNominatim::start(deed).await;
        let begin = Instant::now();
        let error = error(&geocoder(&local)).await;
        assert!(matches!(error, GeocodeError::Unavailable(_)), "{error:?}");
        assert!(begin.elapsed() < Duration::from_secs(4), "{:?}", begin.elapsed());
    }
}

#[tokio::test]
async fn an_answer_just_in_time_is_taken() {
    let local = LocalNominatim::start(Deed::Late(Duration::from_millis(50), MUNICH.to_owned())).await;
    assert!(locate(&geocoder(&local), NAME).await.unwrap().is_some());
}

#[tokio::test]
async fn a_huge_answer_is_a_failure() {
    let padded = |length: usize| format!("{}{MUNICH}", " ".repeat(length - MUNICH.len()));
    let local = LocalNominatim::start(Deed::Reply(200, "", padded(64 * 1024))).await;
    assert!(locate(&geocoder(&local), NAME).await.unwrap().is_some());
    for length in [64 * 1024 + 1, 8 * 1024 * 1024] {
        let local = LocalNominatim::start(Deed::Reply(200, "", padded(length))).await;
        let error = error(&geocoder(&local)).await;
        assert!(matches!(error, GeocodeError::Failed(_)), "{error:?}");
        assert!(words(&error).contains("too long"), "{error:?}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_and_a_closed_port_are_unavailable() {
    let local = LocalNominatim::start(Deed::BreakOff).await;
    let broken = error(&geocoder(&local)).await;
    assert!(matches!(broken, GeocodeError::Unavailable(_)), "{broken:?}");
    let options = options(&local);
    drop(local);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let closed = error(&NominatimGeocoder::new(&options).unwrap()).await;
    assert!(matches!(closed, GeocodeError::Unavailable(_)), "{closed:?}");
}

#[tokio::test]
async fn a_server_that_asks_to_wait_is_left_alone() {
    for headers in ["", "Retry-After: 60\r\n", "Retry-After: soon\r\n"] {
        let local = LocalNominatim::start(Deed::Reply(429, headers, String::new())).await;
        let geocoder = geocoder(&local);
        for _ in 0..5 {
            assert!(matches!(error(&geocoder).await, GeocodeError::Unavailable(_)));
        }
        assert_eq!(local.asked().len(), 1, "{headers}");
    }
}

#[tokio::test]
async fn a_server_is_asked_again_when_it_said() {
    let local = LocalNominatim::start(Deed::Reply(503, "Retry-After: 0\r\n", String::new())).await;
    let geocoder = geocoder(&local);
    for _ in 0..2 {
        assert!(matches!(error(&geocoder).await, GeocodeError::Unavailable(_)));
    }
    assert_eq!(local.asked().len(), 2);
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_not_believed() {
    let certified = rcgen::generate_simple_self_signed(["localhost", "127.0.0.1"].map(str::to_owned)).unwrap();
    let local = LocalProvider::start_encrypted(&certified.cert.pem(), &certified.signing_key.serialize_pem());
    let url = format!("https://{}", local.address());
    let error = error(&NominatimGeocoder::new(&NominatimOptions::new(&url, PUBLIC_URL)).unwrap()).await;
    assert!(matches!(error, GeocodeError::Unavailable(_)), "{error:?}");
    assert!(words(&error).contains("certificate") || words(&error).contains("UnknownIssuer"), "{}", words(&error));
    assert_eq!(local.requests("/search"), 0);
}
