//! Which indexes the statements of the store use, as the server counts it.

use std::time::{Duration, Instant};

use vestibule_domain::{PasswordHash, Role};
use vestibule_ports::{AccountFilter, PageRequest, Store};
use vestibule_testkit::AccountBuilder;

use crate::database::Database;

/// Fifteen hundred accounts of the usual cost and three of a higher one.
async fn filled() -> Database {
    let database = Database::migrated().await;
    let store = database.store();
    let mut unit = store.write().await.unwrap();
    for number in 0..1_500 {
        let cost = if number % 500 == 250 { 13 } else { 12 };
        let hash = PasswordHash::new(format!("$2b${cost}$hash"));
        unit.accounts().insert(&AccountBuilder::numbered(number).password(Some(hash)).build()).await.unwrap();
    }
    unit.commit().await.unwrap();
    store.close().await;
    database
}

/// How often the index of costs was used, and how often all accounts were read, by stores that are closed.
async fn scans(database: &Database) -> (i64, i64) {
    // A connection tells what it did when it ends.
    let connected = "SELECT count(*) FROM pg_stat_activity \
                     WHERE datname = current_database() AND application_name = 'vestibule'";
    let began = Instant::now();
    while database.number(connected).await > 0 {
        assert!(began.elapsed() < Duration::from_secs(10), "connections of a closed store are still open");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let of_index = "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'accounts_hash_cost_idx'";
    let of_table = "SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'accounts'";
    (database.number(of_index).await, database.number(of_table).await)
}

#[tokio::test]
async fn dear_hashes_are_listed_and_counted_by_their_index() {
    let database = filled().await;
    database.execute("ANALYZE accounts").await;
    for is_list in [true, false] {
        for (above, role, expected) in [(12, None, 3), (12, Some(Role::User), 3), (13, None, 0)] {
            let filter = AccountFilter { role, hash_cost_above: Some(above) };
            let before = scans(&database).await;
            let store = database.store();
            let found = if is_list {
                let page = PageRequest { after: None, limit: 100 };
                store.read().accounts().list(filter, page).await.unwrap().items.len() as u64
            } else {
                store.read().accounts().count(filter).await.unwrap()
            };
            store.close().await;
            let after = scans(&database).await;
            assert_eq!(found, expected);
            assert!(after.0 > before.0 && after.1 == before.1, "list: {is_list}, {filter:?}: {before:?}, {after:?}");
        }
    }
}
