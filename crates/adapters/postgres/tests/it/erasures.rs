//! The removal of an account does not wait for its messages, however many there are.

use std::time::{Duration, Instant};

use vestibule_domain::AccountId;
use vestibule_ports::Store;
use vestibule_postgres::PostgresStore;

use crate::{database::Database, plans::scans_of, support::insert};

const COUNT: &str = "SELECT count(*) FROM messages";

/// An account with a conversation of this many messages; half of them have a client's id.
async fn filled(database: &Database, store: &PostgresStore, number: u32, messages: u32) -> AccountId {
    let account = insert(store, number).await.id();
    database
        .execute(&format!(
            "INSERT INTO conversations (account_id, written_seq, written_by_user, user_read_seq, user_read_by_user)
            VALUES ('{id}', {messages}, {messages}, 7, 7);
            INSERT INTO messages (conversation_id, seq, by_user, id, side, author, client_id, created_at, text)
            SELECT c.id, seq, seq, account_id, 'user', account_id, CASE seq % 2 WHEN 0 THEN 'id ' || seq END, now(),
                repeat('x', 100)
            FROM generate_series(1, {messages}) seq, conversations c WHERE account_id = '{id}'",
            id = account.uuid()
        ))
        .await;
    account
}

async fn remove(store: &PostgresStore, account: AccountId) -> Duration {
    let began = Instant::now();
    let mut unit = store.write().await.unwrap();
    assert!(unit.accounts().remove(account).await.unwrap());
    unit.commit().await.unwrap();
    began.elapsed()
}

#[tokio::test]
async fn a_removal_touches_no_message_and_an_erasure_no_more_than_it_may() {
    let database = Database::migrated().await;
    let store = database.store();
    let account = filled(&database, &store, 1, 20_000).await;
    filled(&database, &store, 2, 10).await;
    remove(&store, account).await;
    assert_eq!(database.number(COUNT).await, 20_010);
    for left in [13_000, 6_000, 0] {
        let erased = store.conversations().erase_removed(7_000).await.unwrap();
        assert_eq!(erased, if left > 0 { 7_000 } else { 6_000 });
        assert_eq!(database.number(COUNT).await, left + 10);
        let last = "SELECT coalesce(max(written_seq), 0) FROM conversations WHERE account_id IS NULL";
        assert_eq!(database.number(last).await, left);
    }
    assert_eq!(store.conversations().erase_removed(7_000).await.unwrap(), 0);
    assert_eq!(database.number("SELECT count(*) FROM conversations").await, 1);
    store.close().await;
}

/// The few messages of an erasure are found by their key, with and without statistics, by any plan that the server settles on.
#[tokio::test]
async fn an_erasure_looks_at_no_other_messages() {
    for analyze in ["SELECT 1", "ANALYZE"] {
        let database = Database::migrated().await;
        let filling = database.store();
        let account = filled(&database, &filling, 1, 40_000).await;
        remove(&filling, account).await;
        filling.close().await;
        database.execute(analyze).await;
        let before = scans_of(&database, "messages", "messages_pkey").await;
        let store = database.store();
        for _ in 0..12 {
            assert_eq!(store.conversations().erase_removed(100).await.unwrap(), 100);
        }
        store.close().await;
        let after = scans_of(&database, "messages", "messages_pkey").await;
        assert!(after.0 >= before.0 + 12 && after.1 == before.1, "{analyze}: {before:?}, {after:?}");
    }
}

/// Run with `scripts/test -p vestibule-postgres --run-ignored all --no-capture million`.
#[tokio::test]
#[ignore = "a measure of a million messages"]
async fn an_account_with_a_million_messages_is_removed_as_fast_as_any() {
    let database = Database::migrated().await;
    let store = database.store();
    let mut slowest = Duration::ZERO;
    for number in 1..=10 {
        let few = filled(&database, &store, number, 1_000).await;
        slowest = slowest.max(remove(&store, few).await);
    }
    let many = filled(&database, &store, 20, 1_000_000).await;
    let removal = remove(&store, many).await;
    let (began, mut longest) = (Instant::now(), Duration::ZERO);
    loop {
        let batch = Instant::now();
        if store.conversations().erase_removed(2_000).await.unwrap() == 0 {
            break;
        }
        longest = longest.max(batch.elapsed());
    }
    println!("1,000: {slowest:?}; 1,000,000: {removal:?}, erased in {:?}, {longest:?} at most", began.elapsed());
    assert_eq!(database.number(COUNT).await, 0);
    assert!(removal < 20 * slowest, "{slowest:?}, {removal:?}");
    store.close().await;
}
