//! The schema: migrated once by however many nodes, and what is said before.

use std::sync::Arc;

use vestibule_ports::{AccountFilter, Store, StoreError};
use vestibule_postgres::{PostgresOptions, PostgresStore};
use vestibule_testkit::AccountBuilder;

use crate::database::Database;

#[tokio::test]
async fn a_database_that_was_not_migrated_is_unavailable_and_says_which_steps_it_lacks() {
    let database = Database::empty().await;
    let store = database.store();
    store.ping().await.unwrap();
    let counted = store.read().accounts().count(AccountFilter::default()).await;
    assert!(matches!(counted, Err(StoreError::Unavailable(_))), "{counted:?}");
    let steps = store.migrations().await.unwrap();
    assert!(!steps.is_empty() && steps.iter().all(|step| !step.applied), "{steps:?}");

    store.migrate().await.unwrap();
    assert!(store.migrations().await.unwrap().iter().all(|step| step.applied));
    assert_eq!(store.read().accounts().count(AccountFilter::default()).await.unwrap(), 0);
}

#[tokio::test]
async fn a_database_that_was_not_migrated_is_unavailable_until_another_node_migrates_it() {
    let database = Database::empty().await;
    let stores: [Arc<dyn Store>; 2] = [Arc::new(database.store()), Arc::new(database.store())];
    vestibule_conformance::a_store_that_was_not_migrated_is_unavailable(stores).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_start_at_once_migrate_an_empty_database_once() {
    let database = Database::empty().await;
    let nodes: Vec<_> = (0..6)
        .map(|_| {
            let node = database.store();
            tokio::spawn(async move { node.migrate().await })
        })
        .collect();
    for node in nodes {
        node.await.unwrap().unwrap();
    }
    assert!(database.store().migrations().await.unwrap().iter().all(|step| step.applied));
}

#[tokio::test]
async fn a_database_that_does_not_exist_is_unavailable() {
    let database = Database::empty().await;
    let store = PostgresStore::connect_lazy(&format!("{}_not", database.url()), PostgresOptions::default()).unwrap();
    let pinged = store.ping().await;
    assert!(matches!(pinged, Err(StoreError::Unavailable(_))), "{pinged:?}");
}

#[tokio::test]
async fn a_url_that_cannot_be_read_is_refused_at_once() {
    assert!(PostgresStore::connect_lazy("postgres://[", PostgresOptions::default()).is_err());
}

#[tokio::test]
async fn a_value_that_breaks_a_rule_of_the_domain_is_corrupt() {
    let database = Database::migrated().await;
    let store = database.store();
    let account = AccountBuilder::numbered(1).build();
    let mut unit = store.write().await.unwrap();
    unit.accounts().insert(&account).await.unwrap();
    unit.commit().await.unwrap();
    database.execute("UPDATE accounts SET permissions = -1").await;

    let found = store.read().accounts().find(account.id()).await;
    assert!(matches!(found, Err(StoreError::Corrupt { what: "permissions of an account" })), "{found:?}");
}
