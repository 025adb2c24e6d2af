//! A server that stops, and comes back, on a cluster that is ours to stop.

use std::time::{Duration, Instant};

use vestibule_ports::{Store, StoreError};
use vestibule_postgres::{PostgresOptions, PostgresStore};
use vestibule_testkit::{AccountBuilder, PostgresCluster};

use crate::support::{insert, is_unavailable, store_on};

/// Opens every connection of the pool and gives them back.
async fn fill_pool(store: &PostgresStore) {
    let mut units = Vec::new();
    for _ in 0..store.pool_usage().limit {
        units.push(store.write().await.unwrap());
    }
    drop(units);
    while store.pool_usage().idle < store.pool_usage().limit {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_server_that_stops_is_unavailable_and_used_again_within_five_seconds_of_its_return() {
    let mut server = PostgresCluster::start();
    let store = store_on(&server).await;
    let account = insert(&store, 1).await;
    fill_pool(&store).await;
    let unit = store.write().await.unwrap();

    server.order("halt");
    assert!(is_unavailable(&store.read().accounts().find(account.id()).await));
    assert!(is_unavailable(&store.write().await));
    assert!(is_unavailable(&store.ping().await));
    assert!(is_unavailable(&unit.commit().await));

    server.order("resume");
    let returned = Instant::now();
    while store.ping().await.is_err() {
        assert!(returned.elapsed() < Duration::from_secs(5), "the store has not recovered");
    }
    assert!(returned.elapsed() < Duration::from_secs(5), "{:?}", returned.elapsed());
    assert_eq!(store.read().accounts().find(account.id()).await.unwrap(), Some(account));
    insert(&store, 2).await;
}

#[tokio::test]
async fn a_server_that_restarts_between_requests_is_not_noticed() {
    let mut server = PostgresCluster::start();
    let store = store_on(&server).await;
    let account = insert(&store, 1).await;
    for round in 0..2 {
        fill_pool(&store).await;
        server.order("halt");
        server.order("resume");
        // Every connection of the pool is broken; reads and the beginnings of units are retried on fresh ones.
        let readers: Vec<_> = (0..store.pool_usage().limit)
            .map(|_| {
                let (store, id) = (store.clone(), account.id());
                tokio::spawn(async move { store.read().accounts().find(id).await })
            })
            .collect();
        for reader in readers {
            assert!(reader.await.unwrap().unwrap().is_some());
        }
        fill_pool(&store).await;
        server.order("halt");
        server.order("resume");
        insert(&store, 2 + round).await;
    }
}

#[tokio::test]
async fn a_store_made_before_its_server_runs_works_once_it_does() {
    let mut server = PostgresCluster::start();
    server.order("halt");
    let store = PostgresStore::connect_lazy(server.url(), PostgresOptions::default()).unwrap();
    assert!(is_unavailable(&store.ping().await));
    assert!(is_unavailable(&store.migrate().await));

    server.order("resume");
    store.migrate().await.unwrap();
    insert(&store, 1).await;
}

#[tokio::test]
async fn a_unit_whose_server_stops_is_unavailable_and_leaves_nothing() {
    let mut server = PostgresCluster::start();
    let store = store_on(&server).await;
    let (first, second) = (AccountBuilder::numbered(1).build(), AccountBuilder::numbered(2).build());
    let mut unit = store.write().await.unwrap();
    unit.accounts().insert(&first).await.unwrap();
    server.order("halt");
    assert!(is_unavailable(&unit.accounts().insert(&second).await));
    assert!(is_unavailable(&unit.accounts().update(&first).await));
    assert!(is_unavailable(&unit.commit().await));

    server.order("resume");
    assert_eq!(store.read().accounts().find(first.id()).await.unwrap(), None);
}

#[tokio::test]
async fn a_store_that_was_closed_is_unavailable() {
    let server = PostgresCluster::start();
    let store = store_on(&server).await;
    store.close().await;
    assert!(is_unavailable(&store.ping().await));
    assert!(is_unavailable(&store.write().await));
    assert_eq!(store.pool_usage().open, 0);
}

#[tokio::test]
async fn something_else_in_the_server_s_place_is_an_outage() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgres://vestibule@{}/vestibule?sslmode=disable", listener.local_addr().unwrap());
    let stranger = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            // The frame of a message of an unknown kind.
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"!\0\0\0\x04").await;
        }
    });
    let store = PostgresStore::connect_lazy(&url, PostgresOptions::default()).unwrap();
    let refused = store.ping().await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    stranger.abort();
}
