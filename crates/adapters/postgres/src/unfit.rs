//! Databases that this program cannot work on: why, and what to do.

/// The reason; every text says what to do.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Unfit {
    /// Other encodings cannot store every name, and `SQL_ASCII` checks none.
    #[error(
        "the PostgreSQL database has the encoding {0} instead of UTF8, and cannot hold every name: make another one with \
         `CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0`, adding `LOCALE 'C.UTF-8'` where the server's own locale is \
         of another encoding, and name it in DATABASE_URL"
    )]
    Encoding(String),
    /// A statement prepared by one client would be run for another.
    #[error(
        "the address in DATABASE_URL leads to a pooler that gives each transaction another session (transaction mode): add \
         `pgbouncer=true` to the parameters of the URL, or name the server itself or a pooler in session mode"
    )]
    SharedSessions,
    /// The schema cannot be changed.
    #[error(
        "the role of DATABASE_URL may not change the schema: it must own the database and its tables (`ALTER DATABASE name OWNER TO \
         role`; a database that another role has used is handed over with `REASSIGN OWNED`)"
    )]
    NotOwner,
}

impl From<Unfit> for sqlx::Error {
    fn from(unfit: Unfit) -> Self {
        Self::Configuration(unfit.into())
    }
}
