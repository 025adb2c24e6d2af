//! A unit of work: one transaction in READ COMMITTED, where each statement sees earlier commits of other units.

use async_trait::async_trait;
use sqlx::{Executor, Postgres, postgres::PgArguments, query::Query};
use vestibule_ports::{StoreError, UnitOfWork};

use crate::{
    errors::{Harm, harm, translate},
    pool::Lease,
};

/// A transaction on its own connection; rolled back when dropped.
pub(crate) struct PostgresUnit {
    pub(crate) transaction: Lease,
    /// Whether a statement has failed: the server then answers COMMIT with success, but rolls back.
    failed: bool,
}

impl PostgresUnit {
    /// On a connection whose transaction has begun.
    pub(crate) fn new(transaction: Lease) -> Self {
        Self { transaction, failed: false }
    }

    /// Runs a statement; returns how many rows it touched.
    pub(crate) async fn execute(&mut self, statement: Query<'_, Postgres, PgArguments>) -> Result<u64, StoreError> {
        let done = statement.execute(&mut *self.transaction).await;
        Ok(self.checked(done)?.rows_affected())
    }

    /// Runs a statement that may violate a unique key; afterwards the unit is as it was before, and usable.
    ///
    /// The savepoint is made by hand: if the driver's nested transaction fails to begin, it counts the outer one as ended,
    /// whose commit then does nothing and succeeds.
    pub(crate) async fn execute_or_undo(
        &mut self,
        statement: Query<'_, Postgres, PgArguments>,
    ) -> Result<u64, StoreError> {
        self.control("SAVEPOINT before_statement").await?;
        match statement.execute(&mut *self.transaction).await {
            Ok(done) => {
                self.control("RELEASE SAVEPOINT before_statement").await?;
                Ok(done.rows_affected())
            }
            Err(error) => {
                self.control("ROLLBACK TO SAVEPOINT before_statement; RELEASE SAVEPOINT before_statement").await?;
                Err(self.told(error))
            }
        }
    }

    /// Runs a command that has no arguments.
    pub(crate) async fn control(&mut self, command: &'static str) -> Result<(), StoreError> {
        let done = self.transaction.execute(command).await;
        self.checked(done).map(drop)
    }

    /// Translates the outcome of a statement and remembers a failure.
    pub(crate) fn checked<T>(&mut self, outcome: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        self.failed |= outcome.is_err();
        outcome.map_err(|error| self.told(error))
    }

    /// Translates an error, and drops the connection if the error shows it to be unusable.
    fn told(&mut self, error: sqlx::Error) -> StoreError {
        self.transaction.note(&error);
        match harm(&error) {
            Some(Harm::Ended) => self.transaction.give_up(),
            // When the unit began, its server took writes.
            Some(Harm::Lost | Harm::ReadOnly) => self.transaction.condemn(),
            None => {}
        }
        translate(error)
    }
}

#[async_trait]
impl UnitOfWork for PostgresUnit {
    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        let end = if self.failed { "ROLLBACK" } else { "COMMIT" };
        let ended = self.transaction.execute(end).await;
        ended.map_err(|error| self.told(error))?;
        self.transaction.end();
        if self.failed {
            return Err(StoreError::Failed("a unit of work with a failed statement cannot be committed".into()));
        }
        Ok(())
    }
}
