//! Whether a connection leads to a server that takes writes.
//!
//! A standby takes none. Nor should a server, database or role with `default_transaction_read_only`, by which an operator
//! or a managed service fences off a server. A transaction could be told to write all the same, but that would bypass the
//! fence.

use sqlx::{Executor, Postgres, Row, SqlStr};

use crate::{manner::Manner, unfit::Unfit, wire::Wire};

/// Asks outside a transaction.
pub(crate) const ASK: SqlStr = SqlStr::from_static("SHOW transaction_read_only");

/// Sets up a new connection; returns whether its server takes writes. An error if its database is unsuitable.
pub(crate) async fn greet(connection: &mut Wire, manner: &Manner) -> Result<bool, sqlx::Error> {
    let answer = connection.fetch_one(manner.greeting.clone()).await?;
    match answer.try_get::<&str, _>(1)? {
        "UTF8" => Ok(answer.try_get::<&str, _>(0)? == "off"),
        encoding => Err(Unfit::Encoding(encoding.to_owned()).into()),
    }
}

/// Runs [`ASK`] or the command that begins a transaction; returns whether the server takes writes.
pub(crate) async fn takes_writes<'c, E>(connection: E, command: SqlStr) -> Result<bool, sqlx::Error>
where
    E: Executor<'c, Database = Postgres>,
{
    let answer = connection.fetch_one(command).await?;
    Ok(answer.try_get::<&str, _>(0)? == "off")
}
