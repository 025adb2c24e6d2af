//! What tests of outages share.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use vestibule_domain::Account;
use vestibule_ports::{Store, StoreError};
use vestibule_postgres::{PostgresOptions, PostgresStore};
use vestibule_testkit::{AccountBuilder, PostgresCluster};

pub(crate) const CONNECTIONS: u32 = 4;

pub(crate) fn options() -> PostgresOptions {
    PostgresOptions { max_connections: CONNECTIONS, ..PostgresOptions::default() }
}

pub(crate) fn is_unavailable<T>(outcome: &Result<T, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Unavailable(_)))
}

pub(crate) async fn insert(store: &PostgresStore, number: u32) -> Account {
    let account = AccountBuilder::numbered(number).build();
    let mut unit = store.write().await.unwrap();
    unit.accounts().insert(&account).await.unwrap();
    unit.commit().await.unwrap();
    account
}

/// A store on a cluster, with the present schema.
pub(crate) async fn store_on(cluster: &PostgresCluster) -> PostgresStore {
    let store = PostgresStore::connect_lazy(cluster.url(), PostgresOptions::default()).unwrap();
    store.migrate().await.unwrap();
    store
}

/// Opens every connection of the pool, by reads.
pub(crate) async fn read_on_every_connection(store: &PostgresStore) {
    let id = AccountBuilder::numbered(1).build().id();
    let began = Instant::now();
    // A read that ends early leaves its connection to another one.
    loop {
        for found in join_all((0..CONNECTIONS).map(|_| store.read().accounts().find(id))).await {
            assert!(found.unwrap().is_some());
        }
        if store.pool_usage().open >= CONNECTIONS {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "not every connection is open");
    }
}

pub(crate) async fn exists(store: &PostgresStore, number: u32) -> bool {
    let id = AccountBuilder::numbered(number).build().id();
    store.read().accounts().find(id).await.unwrap().is_some()
}

/// Waits until no more connections are open, for example when dropped ones have ended.
pub(crate) async fn until_open(store: &PostgresStore, connections: u32) {
    let began = Instant::now();
    while store.pool_usage().open > connections {
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", store.pool_usage());
        tokio::task::yield_now().await;
    }
}
