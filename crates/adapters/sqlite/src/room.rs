//! Whether the file takes writes: whether its disk has room and the file is writable. Only a write can tell, so one is
//! tried from time to time.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{sync::Mutex, task::spawn_blocking};
use vestibule_ports::{StoreError, UnitOfWork};

use crate::{
    errors::{OpenError, translate},
    file::{DatabaseFile, private},
    writer::Writer,
};

/// How often a write is tried.
const QUIET: Duration = Duration::from_secs(10);
/// How often, after a write has failed.
const REFUSED: Duration = Duration::from_secs(2);
/// As much as several units of work need.
const BYTES: usize = 256 * 1024;

/// What is known about the room.
#[derive(Debug, Default)]
pub(crate) struct Room(Mutex<Option<Tried>>);

/// When a write was last tried, and why it failed.
#[derive(Debug)]
struct Tried {
    at: Instant,
    refusal: Option<Arc<StoreError>>,
}

impl Room {
    /// Fails if writing is impossible, as far as is known; tries it if that was long ago.
    pub(crate) async fn check(&self, file: &Arc<DatabaseFile>, writer: &Writer) -> Result<(), StoreError> {
        // A caller does not wait for the disk while another one tries.
        let Ok(mut tried) = self.0.try_lock() else { return Ok(()) };
        let is_recent = |tried: &Tried| tried.at.elapsed() < if tried.refusal.is_some() { REFUSED } else { QUIET };
        if !tried.as_ref().is_some_and(is_recent) {
            let refusal = match take_room(file.path().to_owned()).await {
                Ok(()) => commit(file, writer).await.err(),
                Err(error) => Some(error),
            };
            // A busy writer is one that writes.
            let refusal = refusal.filter(|refusal| !matches!(refusal, StoreError::Busy(_))).map(Arc::new);
            *tried = Some(Tried { at: Instant::now(), refusal });
        }
        match tried.as_ref().and_then(|tried| tried.refusal.as_ref()) {
            Some(refusal) => Err(StoreError::shared(refusal)),
            None => Ok(()),
        }
    }
}

/// Commits a change of one page, to a number in the file header that nothing else uses.
async fn commit(file: &Arc<DatabaseFile>, writer: &Writer) -> Result<(), StoreError> {
    let sighting = file.look()?;
    let mut unit = writer.begin(Arc::clone(file), sighting).await?;
    let number: i32 =
        sqlx::query_scalar("PRAGMA user_version").fetch_one(unit.connection()).await.map_err(translate)?;
    let change = if number == 0 { "PRAGMA user_version = 1" } else { "PRAGMA user_version = 0" };
    sqlx::query(change).execute(unit.connection()).await.map_err(translate)?;
    Box::new(unit).commit().await
}

/// Allocates disk space for a moment, in a nameless file: a small change may fit into the existing log where a larger one
/// does not.
async fn take_room(database: PathBuf) -> Result<(), StoreError> {
    let taken = spawn_blocking(move || write(&database).map_err(|error| OpenError::Unreachable(database, error)));
    match taken.await {
        Ok(outcome) => outcome.map_err(|error| StoreError::Unavailable(Some(error.into()))),
        Err(error) => Err(StoreError::Failed(error.into())),
    }
}

fn write(database: &Path) -> io::Result<()> {
    let mut path = database.as_os_str().to_owned();
    path.push("-room");
    let mut file = private().create(true).truncate(true).open(&path)?;
    fs::remove_file(&path)?;
    file.write_all(&vec![0; BYTES])?;
    file.sync_data()
}
