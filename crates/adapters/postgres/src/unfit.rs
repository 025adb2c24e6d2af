//! Databases that this program does not work on: why, and what to do.

/// Why; every text says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Text of other encodings cannot hold every name, and SQL_ASCII checks none.
    #[error(
        "the PostgreSQL database has the encoding {0} instead of UTF8, and cannot hold every name: make another one with \
         `CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0`, adding `LOCALE 'C.UTF-8'` where the server's own locale is \
         of another encoding, and name it in DATABASE_URL"
    )]
    Encoding(String),
}

impl From<Unfit> for sqlx::Error {
    fn from(unfit: Unfit) -> Self {
        Self::Configuration(unfit.into())
    }
}
