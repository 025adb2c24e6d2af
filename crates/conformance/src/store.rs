//! Promises of the store itself and of its units of work.

use std::sync::Arc;

use vestibule_ports::Store;

/// A store that is up answers a ping.
pub(crate) async fn a_store_answers_a_ping(store: Arc<dyn Store>) {
    store.ping().await.unwrap();
}

/// Two nodes that start together both migrate: neither fails, nothing is lost and every migration is applied.
pub(crate) async fn migrating_twice_at_once_leaves_every_migration_applied(store: Arc<dyn Store>) {
    let accounts = crate::support::some_accounts(&store, 1).await;
    let (one, other) = tokio::join!(store.migrate(), store.migrate());
    one.unwrap();
    other.unwrap();
    let migrations = store.migrations().await.unwrap();
    assert!(migrations.iter().all(|migration| migration.applied), "{migrations:?}");
    assert!(migrations.is_sorted_by(|a, b| a.version < b.version), "not oldest first: {migrations:?}");
    let found = store.read().accounts().find(accounts[0].id()).await.unwrap();
    assert_eq!(found.as_ref(), Some(&accounts[0]));
}
