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

/// How a statement is run, step by step.
async fn plan(file: &mut SqliteConnection, statement: &str) -> String {
    let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
    let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain).fetch_all(file).await.unwrap();
    steps.into_iter().map(|step| step.3).collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn conversations_and_their_messages_are_found_by_their_keys() {
    let directory = tempfile::tempdir().unwrap();
    let path = database(&directory);
    open(&path).await;
    let mut file: SqliteConnection = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    for (part, count, expected) in [
        (
            "seq > ?2 AND seq < ?3 ORDER BY seq LIMIT",
            1,
            "SEARCH messages USING PRIMARY KEY (conversation_id=? AND seq>? AND seq<?)",
        ),
        ("AND seq < ?2 ORDER BY seq DESC LIMIT", 1, "SEARCH messages USING PRIMARY KEY (conversation_id=? AND seq<?)"),
        ("seq <= ?2\n", 2, "SEARCH messages USING PRIMARY KEY (conversation_id=? AND seq<?)"),
        ("side = ?2 AND client_id = ?3", 1, "messages_client_id_key (conversation_id=? AND side=? AND client_id=?)"),
        (
            "client_id = value ->> 'client_id'",
            1,
            "messages_client_id_key (conversation_id=? AND side=? AND client_id=?)",
        ),
        ("CROSS JOIN accounts", 1, "SEARCH accounts USING PRIMARY KEY (id=?)"),
        ("CROSS JOIN conversations", 3, "INDEX conversations_account_id_key (account_id=?)"),
        ("seq BETWEEN ? AND ?", 1, "SEARCH messages USING PRIMARY KEY (conversation_id=? AND seq>? AND seq<?)"),
        ("seq > written_seq - ?", 1, "SEARCH messages USING PRIMARY KEY (conversation_id=? AND seq>?)"),
        ("FROM conversations WHERE account_id IN", 1, "SEARCH conversations USING INDEX conversations_account_id_key"),
        ("FROM conversations WHERE account_id IS NULL", 1, "USING INDEX conversations_account_id_key (account_id=?)"),
        ("DELETE FROM messages", 1, "SEARCH messages USING PRIMARY KEY (conversation_id=? AND seq>?)"),
    ] {
        let statements = statements(part);
        assert_eq!(statements.len(), count, "{part}: {statements:?}");
        for statement in statements {
            let plan = plan(&mut file, &statement).await;
            assert!(plan.contains(expected), "{statement}: {plan}");
            assert!(!plan.contains("SCAN messages") && !plan.contains("SCAN conversations"), "{statement}: {plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{statement}: {plan}");
        }
    }
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
        let plan = plan(&mut file, &statement).await;
        assert!(plan.contains("accounts_hash_cost_idx (<expr>>? AND <expr><?"), "{plan}");
        assert!(!plan.contains("SCAN accounts"), "{plan}");
    }
}

#[tokio::test]
async fn the_queue_is_read_in_the_order_of_its_indexes() {
    let directory = tempfile::tempdir().unwrap();
    let path = database(&directory);
    open(&path).await;
    let mut file: SqliteConnection = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    let statements = statements("ORDER BY submitted_at, account_id");
    assert_eq!(statements.len(), 5, "four lists and the next one: {statements:?}");
    for statement in statements {
        let plan = plan(&mut file, &statement).await;
        let index = if statement.contains("held_by = ?4") {
            "dossiers_held_by_idx (held_by=? AND (submitted_at,account_id)>(?,?))"
        } else if statement.contains("review_state = ?4") {
            "dossiers_review_state_idx (review_state=? AND (submitted_at,account_id)>(?,?))"
        } else if statement.contains("(submitted_at, account_id) >") {
            "dossiers_queue_idx ((submitted_at,account_id)>(?,?))"
        } else {
            "SCAN dossiers USING INDEX dossiers_queue_idx"
        };
        assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{statement}: {plan}");
    }
}

#[tokio::test]
async fn profiles_and_places_are_never_scanned() {
    let directory = tempfile::tempdir().unwrap();
    let path = database(&directory);
    open(&path).await;
    let mut file: SqliteConnection = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    for (part, expected) in [
        ("FROM profiles WHERE state = ? ORDER BY ord, id LIMIT", "profiles USING INDEX profiles_state_idx (state=?)"),
        ("DELETE FROM profiles WHERE slot IN", "profiles USING INDEX profiles_stale_idx (created_at<?)"),
        ("(ord, id) >= (?, ?) AND (ord, id) < (?, ?)", "COVERING INDEX profiles_state_idx (state=? AND (ord,id)>(?,?)"),
        ("FROM profile_order WHERE (ord, id) <=", "profile_order USING INDEX"),
        ("FROM profile_order WHERE (ord, id) >", "profile_order USING INDEX"),
        ("CROSS JOIN profile_tags", "profile_tags USING INDEX sqlite_autoindex_profile_tags_1 (facet=? AND tag=?)"),
        ("LEFT JOIN profile_tags", "sqlite_autoindex_profile_tags_1 (facet=? AND tag=? AND chunk=?)"),
        ("FROM profile_ages\n                WHERE chunk IN", "profile_ages USING INTEGER PRIMARY KEY"),
        ("tags, details\n        FROM profiles WHERE slot IN", "profiles USING INTEGER PRIMARY KEY"),
        ("AND location = ? AND (ord, id) >", "COVERING INDEX profiles_there_idx (location=? AND (ord,id)>(?,?))"),
        ("WHERE latitude BETWEEN", "places USING COVERING INDEX places_point_idx (latitude>? AND latitude<?)"),
        ("WHERE latitude BETWEEN", "profiles EXISTS USING COVERING INDEX profiles_there_idx (location=?)"),
        ("WITH RECURSIVE locations", "SEARCH profiles USING COVERING INDEX profiles_location_idx"),
        ("WITH RECURSIVE locations", "SEARCH places USING"),
        ("EXISTS (SELECT 1 FROM profiles WHERE location", "SEARCH places USING INDEX places_name_key (name>?)"),
        ("EXISTS (SELECT 1 FROM profiles WHERE location", "profiles_location_idx (location=?)"),
        ("ORDER BY number DESC", "profile_changes USING PRIMARY KEY (profile_id=? AND number<?)"),
    ] {
        let statements = statements(part);
        assert_eq!(statements.len(), 1, "{part}: {statements:?}");
        let plan = plan(&mut file, &statements[0]).await;
        assert!(plan.contains(expected), "{part}: {plan}");
        for table in ["profiles", "profile_tags", "profile_order", "profile_changes", "places"] {
            assert!(!plan.contains(&format!("SCAN {table}")), "{part}: {plan}");
        }
        assert!(!plan.contains("TEMP B-TREE"), "{part}: {plan}");
    }
}
