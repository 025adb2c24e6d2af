//! The removal of an account does not wait for its messages, however many there are.

use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use vestibule_domain::AccountId;
use vestibule_ports::Store;
use vestibule_sqlite::SqliteStore;
use vestibule_testkit::AccountBuilder;

use crate::{database, open};

const COUNT: &str = "SELECT count(*) FROM messages";

/// The file beside the store, as another program sees it.
async fn beside(directory: &TempDir) -> SqliteConnection {
    SqliteConnectOptions::new().filename(database(directory)).connect().await.unwrap()
}

async fn number(file: &mut SqliteConnection, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(file).await.unwrap()
}

/// An account with a conversation of this many messages; half of them have a client's id.
async fn filled(store: &SqliteStore, file: &mut SqliteConnection, account: u32, messages: u32) -> AccountId {
    let account = AccountBuilder::numbered(account).build();
    let mut unit = store.write().await.unwrap();
    unit.accounts().insert(&account).await.unwrap();
    unit.commit().await.unwrap();
    let sql = format!(
        "INSERT INTO conversations (account_id, written_seq, written_by_user, user_read_seq, user_read_by_user)
        VALUES (unhex('{id}'), {messages}, {messages}, 7, 7);
        WITH RECURSIVE numbers (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM numbers WHERE seq < {messages})
        INSERT INTO messages (conversation_id, seq, by_user, id, side, author, client_id, created_at, text)
        SELECT c.id, seq, seq, account_id, 'user', account_id, CASE seq % 2 WHEN 0 THEN hex(randomblob(16)) END, 0,
            printf('%.100c', 'x')
        FROM numbers CROSS JOIN conversations c ON account_id = unhex('{id}')",
        id = account.id().uuid().simple()
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *file).await.unwrap();
    // Otherwise the next commit would do it, and take longer the more there is.
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(file).await.unwrap();
    account.id()
}

async fn remove(store: &SqliteStore, account: AccountId) -> Duration {
    let began = Instant::now();
    let mut unit = store.write().await.unwrap();
    assert!(unit.accounts().remove(account).await.unwrap());
    unit.commit().await.unwrap();
    began.elapsed()
}

#[tokio::test]
async fn a_removal_touches_no_message_and_an_erasure_no_more_than_it_may() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(&database(&directory)).await;
    let mut file = beside(&directory).await;
    let account = filled(&store, &mut file, 1, 20_000).await;
    filled(&store, &mut file, 2, 10).await;
    remove(&store, account).await;
    assert_eq!(number(&mut file, COUNT).await, 20_010);
    for left in [13_000, 6_000, 0] {
        let erased = store.conversations().erase_removed(7_000).await.unwrap();
        assert_eq!(erased, if left > 0 { 7_000 } else { 6_000 });
        assert_eq!(number(&mut file, COUNT).await, left + 10);
        let last = "SELECT coalesce(max(written_seq), 0) FROM conversations WHERE account_id IS NULL";
        assert_eq!(number(&mut file, last).await, left);
    }
    assert_eq!(store.conversations().erase_removed(7_000).await.unwrap(), 0);
    assert_eq!(number(&mut file, "SELECT count(*) FROM conversations").await, 1);
}

/// Run with `scripts/test -p vestibule-sqlite --run-ignored all --no-capture million`.
#[tokio::test]
#[ignore = "a measure of a million messages"]
async fn an_account_with_a_million_messages_is_removed_as_fast_as_any() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(&database(&directory)).await;
    let mut file = beside(&directory).await;
    let mut slowest = Duration::ZERO;
    for number in 1..=10 {
        let few = filled(&store, &mut file, number, 1_000).await;
        slowest = slowest.max(remove(&store, few).await);
    }
    let many = filled(&store, &mut file, 20, 1_000_000).await;
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
    assert_eq!(number(&mut file, COUNT).await, 0);
    assert!(removal < 20 * slowest, "{slowest:?}, {removal:?}");
}
