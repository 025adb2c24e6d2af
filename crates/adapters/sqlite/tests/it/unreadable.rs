//! Rows that cannot be read keep no others from being read.

use std::sync::Arc;

use sqlx::{ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};
use vestibule_conformance::rows_that_cannot_be_read_are_left_out;

use crate::{database, open};

#[tokio::test]
async fn a_row_that_cannot_be_read_stops_no_list_no_queue_and_no_worker() {
    let directory = tempfile::tempdir().unwrap();
    let path = database(&directory);
    let store = Arc::new(open(&path).await);
    let spoil = async |sql: &'static str| {
        let mut beside: SqliteConnection = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
        sqlx::query(sql).execute(&mut beside).await.unwrap();
    };
    rows_that_cannot_be_read_are_left_out(store, spoil).await;
}
