//! What a connection is in the middle of, and how that is ended.

use sqlx::{Error, Executor};

use crate::wire::Wire;

/// What a connection is in the middle of.
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
