//! A group: units of work that run one after another in one transaction and share its commit.
//!
//! Each unit has a savepoint, to which it is rolled back if it is dropped. No unit is acknowledged before the commit. The
//! group runs in its own task, so a cancelled unit does not cancel the others.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{Sqlite, SqliteConnection, Transaction};
use tokio::sync::oneshot;
use vestibule_ports::StoreError;

use crate::{
    errors::translate,
    unit::{Ground, SqliteUnit},
    writer::{Start, Turn},
};

/// The most units that share a commit.
const MOST: usize = 64;
/// After this time a group accepts no further unit.
const LONGEST: Duration = Duration::from_millis(5);

/// Where a unit waits for the shared commit.
pub(crate) type Answer = oneshot::Sender<Result<(), StoreError>>;

/// What a unit returns to its group.
pub(crate) struct Returned {
    pub(crate) transaction: Transaction<'static, Sqlite>,
    /// `None` if the unit was dropped.
    pub(crate) answer: Option<Answer>,
}

/// The top of the transaction: nothing yet, or the savepoint of the last unit. The group makes the savepoint below it,
/// `shared`.
#[derive(Clone, Copy)]
enum Savepoint {
    None,
    /// Its unit is part of the group.
    Kept,
    /// Its unit was dropped.
    Dropped,
}

impl Savepoint {
    /// Makes an empty savepoint of this one.
    async fn renew(self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        let sql = match self {
            Self::None => {
                // An open transaction refuses this. SQLite ends one by itself after some disk errors.
                if sqlx::raw_sql("BEGIN").execute(&mut *connection).await.is_ok() {
                    return Err(StoreError::Unavailable(None));
                }
                "SAVEPOINT shared; SAVEPOINT unit"
            }
            Self::Kept => "RELEASE unit; SAVEPOINT unit",
            Self::Dropped => "ROLLBACK TO unit",
        };
        sqlx::raw_sql(sql).execute(connection).await.map(drop).map_err(translate)
    }

    /// Fails if this is no longer the transaction that the group began with.
    async fn finish(self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        let sql = match self {
            Self::None => return Ok(()),
            Self::Kept => "RELEASE shared",
            Self::Dropped => "ROLLBACK TO unit; RELEASE shared",
        };
        sqlx::raw_sql(sql).execute(connection).await.map(drop).map_err(translate)
    }
}

/// Runs the waiting units in the transaction of a first one, and commits for all.
pub(crate) async fn run(first: Returned, turn: Turn, ground: Ground) {
    let mut answers = Vec::from_iter(first.answer);
    let outcome = match gather(first.transaction, &turn, &ground, &mut answers).await {
        Ok(transaction) => ground.commit(transaction).await,
        Err(error) => Err(error),
    };
    drop(turn);
    let outcome = outcome.map_err(Arc::new);
    for answer in answers {
        // A unit cancelled while it waited for the commit is committed all the same.
        let _ = answer.send(outcome.as_ref().map(|&()| ()).map_err(StoreError::shared));
    }
}

async fn gather(
    mut transaction: Transaction<'static, Sqlite>,
    turn: &Turn,
    ground: &Ground,
    answers: &mut Vec<Answer>,
) -> Result<Transaction<'static, Sqlite>, StoreError> {
    let (begun, mut savepoint) = (Instant::now(), Savepoint::None);
    while turn.is_awaited() {
        ground.check()?;
        savepoint.renew(&mut transaction).await?;
        savepoint = Savepoint::Kept;
        let Some(waiting) = turn.next() else { break };
        let (back, returned) = oneshot::channel();
        // A unit cancelled at this moment comes back as a dropped one.
        drop(waiting.send(Start::Joined(SqliteUnit::joined(transaction, back))));
        let returned = returned.await.map_err(|_| StoreError::Unavailable(None))?;
        transaction = returned.transaction;
        match returned.answer {
            Some(answer) => answers.push(answer),
            None => savepoint = Savepoint::Dropped,
        }
        if answers.len() >= MOST || begun.elapsed() >= LONGEST {
            break;
        }
    }
    savepoint.finish(&mut transaction).await?;
    Ok(transaction)
}
