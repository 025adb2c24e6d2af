//! The database file, and noticing when another file (or none) is found under its path.
//!
//! SQLite goes on working on a file that was moved or deleted under it, and what it acknowledges there is lost. So
//! before anything is written or committed the path is looked at, whether it still names the file that was opened. A
//! read loses nothing, and a system call for each is dear: reads may rely on a look of a moment ago.

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

/// For how long reads rely on a look.
const GLANCE: Duration = Duration::from_millis(50);

/// What tells one file from another under the same path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity(u64, u64);

/// The file that the path names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sighting {
    identity: Identity,
    /// Since when it is known to be there: a connection from before belongs to another file.
    pub(crate) since: Instant,
    /// Whether its schema was found to be that of this program.
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

/// What was found at the last look.
#[derive(Debug)]
struct Seen {
    sighting: Sighting,
    /// When that was; `None` if there was no file.
    at: Option<Instant>,
}

impl DatabaseFile {
    /// Finds the file, or makes an empty one that only its owner can read.
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

    /// Remembers that the schema of a file was found to be that of this program.
    pub(crate) fn set_migrated(&self, found: &Sighting) {
        let seen = &mut self.seen().sighting;
        seen.migrated |= seen.is(found);
    }

    /// Waits for the lock that one process at a time holds while it changes the schema or the journal mode. The lock is
    /// a file beside the database, which stays; the system frees it when its holder dies.
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

    /// Takes the right to serve from the file, by the lock of a file beside it, whatever path leads there. The system frees it when
    /// its holder dies.
    pub(crate) fn claim(&self) -> Result<File, OpenError> {
        let opened = private().create(true).truncate(false).open(self.right_to_serve()?);
        let mut file = opened.map_err(|error| self.unreachable(error))?;
        // A command that asks who serves may hold it for a moment.
        let locked = file.try_lock().or_else(|_| {
            sleep(GLANCE);
            file.try_lock()
        });
        if !self.was_free(locked)? {
            return Err(OpenError::Served(self.path.clone()));
        }
        // Who holds it is told to an operator; a right without a name is one, too.
        let _ = file.set_len(0).and_then(|()| write!(file, "{}", process::id()));
        Ok(file)
    }

    /// The process that serves from the file, if one does.
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

    /// Whether a lock was taken, and not held by another process.
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

/// Options to open a file for writing that nobody but its owner can read if it is new.
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

/// Elsewhere only the absence of the file is noticed.
#[cfg(not(unix))]
fn identity(_: &Metadata) -> Identity {
    Identity(0, 0)
}
