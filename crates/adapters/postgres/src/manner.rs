//! How the server is addressed: with sessions of our own, or through a pooler in transaction mode, where each transaction
//! may be in another session.

use std::{sync::Arc, time::Duration};

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, Row, SqlSafeStr, SqlStr,
    postgres::PgConnectOptions,
};

use crate::connections::PostgresOptions;

/// The server rolls back a unit of work that sends no statement for this long: locks must not outlive a node that vanished.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(15);
/// Asks a new connection, in one round trip, whether the server takes writes and which encoding the database has.
const GREETING: &str = "SELECT current_setting('transaction_read_only'), getdatabaseencoding()";
/// Begins a transaction and asks in the same round trip whether the server takes writes.
const ASKED_AT_BEGIN: &str = "SHOW transaction_read_only";
/// Identifies a session of a server.
const SESSION: &str = "SELECT pid || ' ' || backend_start FROM pg_stat_get_activity(pg_backend_pid())";
/// How often two connections are compared. A pooler hands out the session last used, or each in turn.
const COMPARISONS: usize = 3;

/// The commands that begin a connection and a unit of work.
#[derive(Debug)]
pub(crate) struct Manner {
    /// Whether each transaction may be in another session.
    pub(crate) is_pooled: bool,
    pub(crate) greeting: SqlStr,
    pub(crate) begin: SqlStr,
}

impl Manner {
    /// Statement limits are set by `SET`, because poolers refuse them as connection parameters: once for a session of our
    /// own, otherwise in each transaction.
    pub(crate) fn new(is_pooled: bool, options: PostgresOptions) -> Self {
        let settings = [
            ("statement_timeout", milliseconds(options.statement_timeout)),
            ("lock_timeout", milliseconds(options.lock_timeout)),
            ("idle_in_transaction_session_timeout", milliseconds(IDLE_IN_TRANSACTION)),
            // JIT compilation takes longer than any of our statements should.
            ("jit", "off".to_owned()),
            // Whatever the default of the database or the role: an acknowledged commit is on disk.
            ("synchronous_commit", "on".to_owned()),
        ];
        let set = |how: &str| {
            settings.iter().fold(String::new(), |set, (name, value)| set + &format!("{how} {name} = {value}; "))
        };
        let (greeting, begin) = if is_pooled {
            (GREETING.to_owned(), format!("BEGIN; {}{ASKED_AT_BEGIN}", set("SET LOCAL")))
        } else {
            (format!("{}{GREETING}", set("SET")), format!("BEGIN; {ASKED_AT_BEGIN}"))
        };
        Self { is_pooled, greeting: sql(greeting), begin: sql(begin) }
    }
}

/// Whether two connections shared a session, or one used two: then a pooler in transaction mode is in between.
pub(crate) async fn shares_sessions(server: &PgConnectOptions) -> Result<bool, sqlx::Error> {
    let (mut one, mut other) = (server.connect().await?, server.connect().await?);
    let (mut of_one, mut of_other) = (Vec::new(), Vec::new());
    for _ in 0..COMPARISONS {
        of_one.push(session(&mut one).await?);
        of_other.push(session(&mut other).await?);
    }
    for connection in [one, other] {
        // A failed close says nothing about its sessions.
        let _ = connection.close().await;
    }
    let is_one = |sessions: &[String]| sessions.iter().all(|session| *session == sessions[0]);
    Ok(!is_one(&of_one) || !is_one(&of_other) || of_one[0] == of_other[0])
}

async fn session(connection: &mut PgConnection) -> Result<String, sqlx::Error> {
    connection.fetch_one(SESSION).await?.try_get(0)
}

fn sql(text: String) -> SqlStr {
    // No part of it comes from outside.
    AssertSqlSafe(Arc::<str>::from(text)).into_sql_str()
}

fn milliseconds(duration: Duration) -> String {
    duration.as_millis().to_string()
}
