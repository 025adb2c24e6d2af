//! The database file, and detecting that its path now names another file, or none.
//!
//! SQLite keeps working on a file that was moved or deleted under it, and what it acknowledges there is lost. So before
//! each write and commit the path is checked: it must still name the opened file. A read loses nothing, and a system call
//! per read is expensive: reads may rely on a recent check.

use std::{
    fs::{self, File, Metadata, OpenOptions, TryLockError},
    io::{self, ErrorKind, Read, Write},
    path::{Path, PathBuf},
    process,
    sync::{Mutex, MutexGuard, PoisonError},
    thread::sleep,
    time::{Duration, Instant},
};

use vestibule_ports::StoreError;

use crate::errors::OpenError;

/// How long reads rely on a check.
const GLANCE: Duration = Duration::from_millis(50);

/// Tells apart files under the same path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity(u64, u64);

/// The file that the path names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sighting {
    identity: Identity,
    /// Since when it is known to exist: an older connection belongs to another file.
    pub(crate) since: Instant,
    /// Whether its schema is known to match this program.
    pub(crate) migrated: bool,
}

impl Sighting {
    /// Whether this is the same file.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.identity == other.identity
    }

    fn first(identity: Identity) -> Self {
        Self { identity, since: Instant::now(), migrated: false }
    }
}

/// A database file by its path.
#[derive(Debug)]
pub(crate) struct DatabaseFile {
    path: PathBuf,
    seen: Mutex<Seen>,
}

/// The result of the last check.
#[derive(Debug)]
struct Seen {
    sighting: Sighting,
    /// When that was; `None` if there was no file.
    at: Option<Instant>,
}

impl DatabaseFile {
    /// Finds the file, or creates an empty one that only its owner can read.
    pub(crate) fn open(path: &Path, create: bool) -> Result<Self, OpenError> {
        let unreachable = |error| OpenError::Unreachable(path.to_owned(), error);
        if create {
            private().create(true).truncate(false).open(path).map_err(unreachable)?;
        }
        match std::fs::metadata(path) {
            Ok(metadata) => {
                let sighting = Sighting::first(identity(&metadata));
                Ok(Self { path: path.to_owned(), seen: Mutex::new(Seen { sighting, at: Some(sighting.since) }) })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(OpenError::Missing(path.to_owned())),
            Err(error) => Err(unreachable(error)),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The file that the path names now; `Unavailable` while there is none.
    pub(crate) fn look(&self) -> Result<Sighting, StoreError> {
        let found = std::fs::metadata(&self.path);
        let mut seen = self.seen();
        match found {
            Ok(metadata) => {
                let identity = identity(&metadata);
                if seen.sighting.identity != identity {
                    seen.sighting = Sighting::first(identity);
                }
                seen.at = Some(Instant::now());
                Ok(seen.sighting)
            }
            Err(error) => {
                seen.at = None;
                Err(StoreError::Unavailable(Some(self.unreachable(error).into())))
            }
        }
    }

    /// The file that the path named at most 50 ms ago; `Unavailable` while there is none.
    pub(crate) fn glance(&self) -> Result<Sighting, StoreError> {
        let lately = {
            let seen = self.seen();
            seen.at.filter(|at| at.elapsed() < GLANCE).map(|_| seen.sighting)
        };
        lately.map_or_else(|| self.look(), Ok)
    }

    /// Remembers that the schema of a file matches this program.
    pub(crate) fn set_migrated(&self, found: &Sighting) {
        let seen = &mut self.seen().sighting;
        seen.migrated |= seen.is(found);
    }

    /// Waits for the lock under which one process at a time changes the schema or the journal mode. It is a lock on a
    /// permanent file beside the database; the system releases it when its holder dies.
    pub(crate) async fn lock(&self) -> Result<File, StoreError> {
        let mut path = self.path.clone().into_os_string();
        path.push("-lock");
        let locked = tokio::task::spawn_blocking(move || {
            let file = private().create(true).truncate(false).open(path)?;
            file.lock().map(|()| file)
        });
        match locked.await {
            Ok(Ok(file)) => Ok(file),
            Ok(Err(error)) => Err(StoreError::Unavailable(Some(self.unreachable(error).into()))),
            Err(error) => Err(StoreError::Failed(error.into())),
        }
    }

    /// Takes the right to serve from the file, by a lock on a file beside it, whatever path leads there. The system
    /// releases it when its holder dies.
    pub(crate) fn claim(&self) -> Result<File, OpenError> {
        let opened = private().create(true).truncate(false).open(self.right_to_serve()?);
        let mut file = opened.map_err(|error| self.unreachable(error))?;
        // A command that checks which process serves may hold it for a moment.
        let locked = file.try_lock().or_else(|_| {
            sleep(GLANCE);
            file.try_lock()
        });
        if !self.was_free(locked)? {
            return Err(OpenError::Served(self.path.clone()));
        }
        // The holder is recorded for operators; without the record the right is still valid.
        let _ = file.set_len(0).and_then(|()| write!(file, "{}", process::id()));
        Ok(file)
    }

    /// The process that serves from the file, if any.
    pub(crate) fn server(&self) -> Result<Option<String>, OpenError> {
        let mut file = match File::open(self.right_to_serve()?) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.unreachable(error)),
        };
        if self.was_free(file.try_lock_shared())? {
            return Ok(None);
        }
        let mut process = String::new();
        file.read_to_string(&mut process).map_err(|error| self.unreachable(error))?;
        Ok(Some(format!("process {process}")))
    }

    /// Whether a lock was taken; false if another process holds it.
    fn was_free(&self, locked: Result<(), TryLockError>) -> Result<bool, OpenError> {
        match locked {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(self.unreachable(error)),
        }
    }

    fn right_to_serve(&self) -> Result<PathBuf, OpenError> {
        let path = fs::canonicalize(&self.path).map_err(|error| self.unreachable(error))?;
        let mut path = path.into_os_string();
        path.push("-server");
        Ok(path.into())
    }

    fn unreachable(&self, error: io::Error) -> OpenError {
        OpenError::Unreachable(self.path.clone(), error)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Options to open a file for writing; a new file is accessible to its owner only.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    Identity(metadata.dev(), metadata.ino())
}

/// Elsewhere only a missing file is noticed.
#[cfg(not(unix))]
fn identity(_: &Metadata) -> Identity {
    Identity(0, 0)
}
