//! What is asked, and what is made of the answers.

use vestibule_domain::place::GeoPoint;
use vestibule_ports::GeocodeError;

use crate::{
    PUBLIC_URL, geocoder, locate,
    server::{Deed, LocalNominatim},
    words,
};

#[tokio::test]
async fn a_place_is_found() {
    let local = LocalNominatim::with_munich().await;
    let found = locate(&geocoder(&local), "München").await.unwrap().unwrap();
    assert_eq!(found.formatted.as_str(), "Munich, Bavaria, Germany");
    assert_eq!(found.point, GeoPoint::new(48.137_107_9, 11.575_382_2).unwrap());
}

#[tokio::test]
async fn the_server_is_told_the_name_and_who_asks() {
    let local = LocalNominatim::with_munich().await;
    locate(&geocoder(&local), "München & Umgebung").await.unwrap();
    let asked = local.asked();
    let [asked] = asked.as_slice() else { panic!("{asked:?}") };
    let (line, headers) = asked.head.split_once("\r\n").unwrap();
    assert_eq!(
        line,
        "GET /nominatim/search?q=M%C3%BCnchen+%26+Umgebung&format=jsonv2&limit=1&accept-language=en HTTP/1.1"
    );
    let agent = headers.lines().find_map(|line| line.strip_prefix("user-agent: ")).unwrap();
    assert_eq!(agent, format!("Vestibule/{} ({PUBLIC_URL})", env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn an_empty_list_is_no_place() {
    let local = LocalNominatim::start(Deed::Reply(200, "", "[]".to_owned())).await;
    assert_eq!(locate(&geocoder(&local), "Nowhere at all").await.unwrap(), None);
}

#[tokio::test]
async fn a_malformed_answer_is_a_failure_that_does_not_cite_it() {
    for body in [
        "",
        "<html>SECRET</html>",
        "{\"error\":\"SECRET\"}",
        "[{\"lat\":\"SECRET\",\"lon\":\"1\",\"display_name\":\"x\"}]",
    ] {
        let local = LocalNominatim::start(Deed::Reply(200, "", body.to_owned())).await;
        let error = locate(&geocoder(&local), "Munich").await.unwrap_err();
        assert!(matches!(error, GeocodeError::Failed(_)), "{body}: {error:?}");
        assert!(!words(&error).contains("SECRET"), "{error:?}");
    }
}
