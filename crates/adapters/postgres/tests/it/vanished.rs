//! A server that vanishes: its connections are not broken, but stay silent.

use std::time::{Duration, Instant};

use tokio::time::timeout;
use vestibule_ports::Store;
use vestibule_postgres::{Ages, PostgresOptions, PostgresStore};

use crate::{
    database::Database,
    proxy::Proxy,
    support::{CONNECTIONS, exists, insert, options, read_on_every_connection, until_open},
};

#[tokio::test]
async fn a_statement_that_is_never_answered_condemns_every_connection_of_before() {
    let database = Database::migrated().await;
    let account = insert(&database.store(), 1).await;
    let proxy = Proxy::to(&database.url()).await;
    let options = PostgresOptions { statement_timeout: Duration::from_millis(500), ..options() };
    let store = PostgresStore::connect_lazy(&proxy.url(&database.url()), options).unwrap();
    for is_unit in [false, true] {
        read_on_every_connection(&store).await;
        let before = proxy.opened();
        let unit = store.write().await.unwrap();
        let _silence = proxy.silence();
        if !is_unit {
            let read = timeout(Duration::from_millis(50), store.read().accounts().find(account.id())).await;
            assert!(read.is_err());
        }
        drop(unit);
        until_open(&store, 0).await;
        read_on_every_connection(&store).await;
        assert_eq!(proxy.opened(), before + CONNECTIONS as usize);
    }
}

#[tokio::test]
async fn a_connection_that_gives_no_sign_of_life_is_soon_replaced_with_all_of_before() {
    let database = Database::migrated().await;
    insert(&database.store(), 1).await;
    let proxy = Proxy::to(&database.url()).await;
    let ages = Ages { untested: Duration::ZERO, ..Ages::default() };
    let store = PostgresStore::connect_lazy_aging(&proxy.url(&database.url()), options(), ages).unwrap();
    read_on_every_connection(&store).await;
    let before = proxy.opened();
    let _silence = proxy.silence();
    let began = Instant::now();
    assert!(exists(&store, 1).await);
    assert!(began.elapsed() < Duration::from_millis(1_500), "{:?}", began.elapsed());
    assert_eq!(store.pool_usage().open, 1);
    read_on_every_connection(&store).await;
    assert_eq!(proxy.opened(), before + CONNECTIONS as usize);
}

#[tokio::test]
async fn a_read_that_is_never_answered_is_made_again_on_a_fresh_connection() {
    let database = Database::migrated().await;
    insert(&database.store(), 1).await;
    let proxy = Proxy::to(&database.url()).await;
    let options = PostgresOptions { statement_timeout: Duration::from_millis(300), ..options() };
    let store = PostgresStore::connect_lazy(&proxy.url(&database.url()), options).unwrap();
    read_on_every_connection(&store).await;
    let _silence = proxy.silence();
    assert!(timeout(Duration::from_secs(20), exists(&store, 1)).await.unwrap(), "nothing else ends its wait");
}
