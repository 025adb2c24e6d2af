//! The data inside the binary.

use vestibule_gazetteer::{DATA, OfflineGeocoder};

use crate::locate;

#[test]
fn the_data_has_at_most_4_mb() {
    assert!((1_000_000..=4_000_000).contains(&DATA.len()), "{} bytes", DATA.len());
}

#[tokio::test]
async fn the_data_is_read_at_the_first_look_up_and_shared() {
    let geocoder = OfflineGeocoder::new();
    let twin = geocoder.clone();
    assert!(!geocoder.is_loaded());
    assert!(locate(&geocoder, "Berlin").await.is_some());
    assert!(geocoder.is_loaded() && twin.is_loaded());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn look_ups_at_the_same_moment_wait_for_one_reading() {
    let geocoder = OfflineGeocoder::new();
    let lookups = (0..16).map(|_| {
        let geocoder = geocoder.clone();
        tokio::spawn(async move { locate(&geocoder, "Berlin").await })
    });
    for lookup in lookups.collect::<Vec<_>>() {
        assert!(lookup.await.unwrap().is_some());
    }
}

#[test]
fn the_crate_uses_neither_network_nor_files() {
    let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let mut seen = 0;
    for file in std::fs::read_dir(sources).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for word in ["::net", "::fs", "::process", "::env", "hyper", "http::"] {
            assert!(!text.contains(word), "{word}");
        }
        seen += 1;
    }
    assert!(seen > 5, "{seen}");
}
