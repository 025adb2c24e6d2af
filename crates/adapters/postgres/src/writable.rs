//! Whether a connection leads to a server that takes writes.
//!
//! A standby takes none; nor should a server, a database or a role with `default_transaction_read_only`, by which an
//! operator or a managed service fences a server off. A transaction could be told to write all the same: that would step
//! over the fence.

use sqlx::{Executor, PgConnection, Row};

/// Asks outside a transaction.
pub(crate) const ASK: &str = "SHOW transaction_read_only";
/// Begins a transaction and asks in the same round trip.
pub(crate) const BEGIN: &str = "BEGIN; SHOW transaction_read_only";

/// Runs one of the two commands; whether writes are taken.
pub(crate) async fn takes_writes(connection: &mut PgConnection, command: &'static str) -> Result<bool, sqlx::Error> {
    let answer = connection.fetch_one(command).await?;
    Ok(answer.try_get::<&str, _>(0)? == "off")
}
