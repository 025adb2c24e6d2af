//! The whole suite, each case on a temporary file.

use std::sync::Arc;

use vestibule_conformance::Fixture;
use vestibule_ports::Store;
use vestibule_sqlite::{SqliteOptions, SqliteStore};

async fn fresh() -> Fixture {
    let directory = tempfile::tempdir().unwrap();
    Fixture::reopening(move || {
        let path = crate::database(&directory);
        async move { crate::open(&path).await }
    })
    .await
}

vestibule_conformance::conformance_suite!(fresh);

#[tokio::test]
async fn a_file_that_was_not_migrated_is_unavailable() {
    let directory = tempfile::tempdir().unwrap();
    let options = SqliteOptions { create: true, ..SqliteOptions::default() };
    let open = async || SqliteStore::open(&crate::database(&directory), options).await.unwrap();
    let stores: [Arc<dyn Store>; 2] = [Arc::new(open().await), Arc::new(open().await)];
    vestibule_conformance::a_store_that_was_not_migrated_is_unavailable(stores).await;
}
