//! The whole suite, each case on a temporary file.

use vestibule_conformance::Fixture;

async fn fresh() -> Fixture {
    let directory = tempfile::tempdir().unwrap();
    let store = crate::open(&crate::database(&directory)).await;
    Fixture::guarded(store, directory)
}

vestibule_conformance::conformance_suite!(fresh);
