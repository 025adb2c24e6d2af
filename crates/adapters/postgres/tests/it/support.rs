//! What tests of outages share.

use vestibule_domain::Account;
use vestibule_ports::{Store, StoreError};
use vestibule_postgres::{PostgresOptions, PostgresStore};
use vestibule_testkit::{AccountBuilder, PostgresCluster};

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
