//! One request at a time.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;
use vestibule_nominatim::{NominatimGeocoder, NominatimOptions};
use vestibule_ports::GeocodeError;

use crate::{PUBLIC_URL, locate, options, server::LocalNominatim};

#[tokio::test]
async fn two_requests_are_a_second_apart_without_any_setting() {
    let local = LocalNominatim::with_munich().await;
    let geocoder = NominatimGeocoder::new(&NominatimOptions::new(&local.url(), PUBLIC_URL)).unwrap();
    let both = tokio::join!(locate(&geocoder, "Munich"), locate(&geocoder, "Munich"));
    assert!(both.0.unwrap().is_some() && both.1.unwrap().is_some());
    let asked = local.asked();
    let apart = asked[1].at - asked[0].at;
    // A request may take a moment to arrive.
    assert!(asked.len() == 2 && apart > Duration::from_millis(900), "{apart:?}");
}

#[tokio::test]
async fn what_is_too_much_to_wait_for_is_unavailable_at_once() {
    let local = LocalNominatim::with_munich().await;
    let options = NominatimOptions { interval: Duration::from_millis(300), max_waiting: 2, ..options(&local) };
    let geocoder = Arc::new(NominatimGeocoder::new(&options).unwrap());
    let begin = Instant::now();
    let mut lookups = JoinSet::new();
    for _ in 0..8 {
        let geocoder = Arc::clone(&geocoder);
        lookups.spawn(async move { (locate(&geocoder, "Munich").await, begin.elapsed()) });
    }
    let outcomes = lookups.join_all().await;
    let refused: Vec<_> = outcomes.iter().filter(|(outcome, _)| outcome.is_err()).collect();
    for (outcome, took) in &refused {
        assert!(matches!(outcome, Err(GeocodeError::Unavailable(_))), "{outcome:?}");
        assert!(*took < Duration::from_millis(300), "{took:?}");
    }
    // One goes at once, two wait; one of those may have left the queue before another came.
    let answered = outcomes.len() - refused.len();
    assert!((2..=4).contains(&answered), "{answered}");
    assert_eq!(local.asked().len(), answered);
}
