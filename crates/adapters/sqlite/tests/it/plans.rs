//! Which indexes the statements of the store use, as SQLite explains it.

use std::{fs, path::Path};

use serde_json::Value;
use sqlx::{AssertSqlSafe, ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::{database, open};

/// The statements that contain a text, as they are described for the compiler.
fn statements(text: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".sqlx");
    let files = fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    let query = |file: Vec<u8>| serde_json::from_slice::<Value>(&file).unwrap()["query"].as_str().unwrap().to_owned();
    files.map(query).filter(|query| query.contains(text)).collect()
}

#[tokio::test]
async fn dear_hashes_are_listed_and_counted_by_a_range_of_their_index() {
    let directory = tempfile::tempdir().unwrap();
    let path = database(&directory);
    open(&path).await;
    let mut file: SqliteConnection = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    let statements = statements("substr(password_hash");
    assert_eq!(statements.len(), 2, "a list and a count: {statements:?}");
    for statement in statements {
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
        let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain).fetch_all(&mut file).await.unwrap();
        let plan = steps.into_iter().map(|step| step.3).collect::<Vec<_>>().join("; ");
        assert!(plan.contains("accounts_hash_cost_idx (<expr>>? AND <expr><?"), "{plan}");
        assert!(!plan.contains("SCAN accounts"), "{plan}");
    }
}
