//! Work in progress on a connection, and how to end it.

use sqlx::{Error, Executor};

use crate::wire::Wire;

/// Work in progress on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnderWay {
    /// A statement.
    Statement,
    /// A transaction.
    Unit,
}

impl UnderWay {
    /// Ends it.
    pub(crate) async fn end(self, connection: &mut Wire) -> Result<(), Error> {
        match self {
            Self::Statement => connection.ping().await,
            Self::Unit => connection.execute("ROLLBACK").await.map(drop),
        }
    }
}
