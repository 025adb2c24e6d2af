//! Rows that cannot be read keep no others from being read.

use std::sync::Arc;

use vestibule_conformance::rows_that_cannot_be_read_are_left_out;

use crate::database::Database;

#[tokio::test]
async fn a_row_that_cannot_be_read_stops_no_list_no_queue_and_no_worker() {
    let database = Database::migrated().await;
    let spoil = async |sql: &'static str| database.execute(sql).await;
    rows_that_cannot_be_read_are_left_out(Arc::new(database.store()), spoil).await;
}
