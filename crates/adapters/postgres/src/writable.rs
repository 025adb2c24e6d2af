//! Whether a connection leads to a server that takes writes.
//!
//! A standby takes none; nor should a server, a database or a role with `default_transaction_read_only`, by which an
//! operator or a managed service fences a server off. A transaction could be told to write all the same: that would step
//! over the fence.

use sqlx::{Executor, PgConnection, Row};

use crate::unfit::Unfit;

/// Asks outside a transaction.
pub(crate) const ASK: &str = "SHOW transaction_read_only";
/// Begins a transaction and asks in the same round trip.
pub(crate) const BEGIN: &str = "BEGIN; SHOW transaction_read_only";

/// Asks a new connection, in one round trip, also what the encoding of the database is.
const FIRST: &str = "SELECT current_setting('transaction_read_only'), getdatabaseencoding()";

/// Whether writes are taken by the server that a new connection leads to; an error if its database is not to be used.
pub(crate) async fn greet(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let answer = connection.fetch_one(FIRST).await?;
    match answer.try_get::<&str, _>(1)? {
        "UTF8" => Ok(answer.try_get::<&str, _>(0)? == "off"),
        encoding => Err(Unfit::Encoding(encoding.to_owned()).into()),
    }
}

/// Runs one of the two commands; whether writes are taken.
pub(crate) async fn takes_writes(connection: &mut PgConnection, command: &'static str) -> Result<bool, sqlx::Error> {
    let answer = connection.fetch_one(command).await?;
    Ok(answer.try_get::<&str, _>(0)? == "off")
}
