//! The unit of work: a transaction on the write connection, or a part of one that a group shares.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::{Sqlite, SqliteConnection, Transaction, query::Query, sqlite::SqliteArguments};
use tokio::sync::oneshot;
use vestibule_ports::{StoreError, UnitOfWork};

use crate::{
    errors::{OpenError, translate},
    file::{DatabaseFile, Sighting},
    group::{self, Returned},
    writer::Turn,
};

/// The file that a transaction began on.
pub(crate) struct Ground {
    pub(crate) file: Arc<DatabaseFile>,
    pub(crate) sighting: Sighting,
}

impl Ground {
    /// `Unavailable` if the path names another file or none.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        if self.file.look()?.is(&self.sighting) {
            Ok(())
        } else {
            Err(StoreError::Unavailable(Some(OpenError::Replaced.into())))
        }
    }

    /// Commits a transaction if the file is still there.
    pub(crate) async fn commit(&self, transaction: Transaction<'static, Sqlite>) -> Result<(), StoreError> {
        self.check()?;
        transaction.commit().await.map_err(translate)
    }
}

/// A transaction that holds the database's write lock from its beginning. So nothing that it reads changes under it, and it
/// never has to be retried.
pub(crate) struct SqliteUnit {
    transaction: Option<Transaction<'static, Sqlite>>,
    place: Option<Place>,
    /// Whether a statement has failed: SQLite would still commit the others.
    failed: bool,
}

/// The owner of the transaction.
enum Place {
    /// The unit.
    Alone(Turn, Ground),
    /// A group, to which it goes back.
    Joined(oneshot::Sender<Returned>),
}

impl SqliteUnit {
    pub(crate) fn alone(transaction: Transaction<'static, Sqlite>, turn: Turn, ground: Ground) -> Self {
        Self { transaction: Some(transaction), place: Some(Place::Alone(turn, ground)), failed: false }
    }

    pub(crate) fn joined(transaction: Transaction<'static, Sqlite>, back: oneshot::Sender<Returned>) -> Self {
        Self { transaction: Some(transaction), place: Some(Place::Joined(back)), failed: false }
    }

    #[expect(clippy::expect_used, reason = "only commit and drop take the transaction out")]
    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        self.transaction.as_mut().expect("a unit has its transaction until its end")
    }

    /// Runs a statement; returns how many rows it touched.
    pub(crate) async fn execute(&mut self, statement: Query<'_, Sqlite, SqliteArguments>) -> Result<u64, StoreError> {
        let done = statement.execute(self.connection()).await;
        Ok(done.map_err(|error| self.failed(error))?.rows_affected())
    }

    /// Translates the error of a statement. Any error except a conflict, which leaves no trace, keeps the unit from being
    /// committed.
    pub(crate) fn failed(&mut self, error: sqlx::Error) -> StoreError {
        let error = translate(error);
        self.failed |= !matches!(error, StoreError::Conflict(_));
        error
    }
}

#[async_trait]
impl UnitOfWork for SqliteUnit {
    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        if self.failed {
            return Err(StoreError::Failed("a unit of work with a failed statement cannot be committed".into()));
        }
        let (Some(transaction), Some(place)) = (self.transaction.take(), self.place.take()) else {
            return Err(StoreError::Unavailable(None));
        };
        let (answer, committed) = oneshot::channel();
        match place {
            // With no unit waiting, do not start a group.
            Place::Alone(turn, ground) if !turn.is_awaited() => return ground.commit(transaction).await,
            Place::Alone(turn, ground) => {
                tokio::spawn(group::run(Returned { transaction, answer: Some(answer) }, turn, ground));
            }
            // If the group has ended by itself, so has the answer.
            Place::Joined(back) => drop(back.send(Returned { transaction, answer: Some(answer) })),
        }
        committed.await.unwrap_or(Err(StoreError::Unavailable(None)))
    }
}

impl Drop for SqliteUnit {
    fn drop(&mut self) {
        // For a unit alone, the transaction must end before the turn.
        if let (Some(transaction), Some(Place::Joined(back))) = (self.transaction.take(), self.place.take()) {
            drop(back.send(Returned { transaction, answer: None }));
        }
    }
}
