//! A connection of the driver that keeps prepared statements only in a session of its own.
//!
//! A pooler in transaction mode may give each transaction another session. There, a statement prepared under a name may be
//! unknown, or be another client's with the same name, which would run instead of ours. So each statement is then prepared
//! without a name, within the transaction that uses it.

use futures_util::{future::BoxFuture, stream::BoxStream};
use sqlx::{
    ConnectOptions, Connection, Describe, Either, Error, Execute, Executor, PgConnection, Postgres, SqlStr,
    error::BoxDynError,
    postgres::{PgArguments, PgConnectOptions, PgQueryResult, PgRow, PgStatement, PgTypeInfo},
};

/// A connection, and whether it keeps the same session.
#[derive(Debug)]
pub(crate) struct Wire {
    connection: PgConnection,
    keeps_statements: bool,
}

impl Wire {
    pub(crate) async fn open(server: &PgConnectOptions, keeps_statements: bool) -> Result<Self, Error> {
        Ok(Self { connection: server.connect().await?, keeps_statements })
    }

    /// Whether the server answers.
    pub(crate) async fn ping(&mut self) -> Result<(), Error> {
        self.connection.ping().await
    }

    pub(crate) async fn close(self) -> Result<(), Error> {
        self.connection.close().await
    }

    fn sent<E>(&mut self, query: E) -> (&mut PgConnection, Sent<E>) {
        (&mut self.connection, Sent { query, keeps_statements: self.keeps_statements })
    }
}

/// A query as it is sent.
struct Sent<E> {
    query: E,
    keeps_statements: bool,
}

impl<'q, E: Execute<'q, Postgres>> Execute<'q, Postgres> for Sent<E> {
    fn sql(self) -> SqlStr {
        self.query.sql()
    }

    fn statement(&self) -> Option<&PgStatement> {
        self.query.statement()
    }

    fn take_arguments(&mut self) -> Result<Option<PgArguments>, BoxDynError> {
        self.query.take_arguments()
    }

    fn persistent(&self) -> bool {
        self.keeps_statements && self.query.persistent()
    }
}

impl<'c> Executor<'c> for &'c mut Wire {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let (connection, sent) = self.sent(query);
        connection.fetch_many(sent)
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let (connection, sent) = self.sent(query);
        connection.fetch_optional(sent)
    }

    fn prepare_with<'e>(self, sql: SqlStr, parameters: &'e [PgTypeInfo]) -> BoxFuture<'e, Result<PgStatement, Error>>
    where
        'c: 'e,
    {
        self.connection.prepare_with(sql, parameters)
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, Error>>
    where
        'c: 'e,
    {
        self.connection.describe(sql)
    }
}
