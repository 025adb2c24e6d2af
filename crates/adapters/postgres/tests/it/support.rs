//! What tests of outages share.

use vestibule_domain::Account;
use vestibule_ports::{Store, StoreError};
use vestibule_postgres::PostgresStore;
use vestibule_testkit::AccountBuilder;

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
