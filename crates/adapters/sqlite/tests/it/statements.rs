//! What the log tells of statements.

use tempfile::tempdir;
use tracing::Instrument;
use tracing_subscriber::filter::LevelFilter;
use vestibule_ports::Store;
use vestibule_sqlite::{SqliteOptions, SqliteStore};
use vestibule_testkit::Lines;

#[tokio::test]
async fn statements_are_logged_with_the_request_that_they_belong_to() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(LevelFilter::DEBUG)
        .with_writer(move || writer.clone());
    // They run on threads of the driver, where this thread's subscriber is not active.
    tracing::subscriber::set_global_default(subscriber.finish()).unwrap();
    let directory = tempdir().unwrap();
    let options = SqliteOptions { create: true, ..SqliteOptions::default() };
    let store = SqliteStore::open(&directory.path().join("store.db"), options).await.unwrap();
    store.migrate().await.unwrap();
    // The connection's next work begins only once the line of the previous one is written.
    let reading = async { store.read().fingerprint().find().await.and(store.read().fingerprint().find().await) };
    assert_eq!(reading.instrument(tracing::error_span!("request", id = "a")).await.unwrap(), None);
    let text = lines.text();
    let is_told = |line: &str| line.contains("request{id=\"a\"}") && line.contains("secret_fingerprint");
    assert!(text.lines().any(is_told), "{text}");
}
