//! The database file, and noticing when another file (or none) is found under its path.
//!
//! SQLite goes on working on a file that was moved or deleted under it, and what it acknowledges there is lost. So
//! every use of a connection looks first whether the path still names the file that was opened.

use std::{
    fs::{File, Metadata, OpenOptions},
    io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use vestibule_ports::StoreError;

use crate::errors::OpenError;

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
    seen: Mutex<Sighting>,
}

impl DatabaseFile {
    /// Finds the file, or makes an empty one that only its owner can read.
    pub(crate) fn open(path: &Path, create: bool) -> Result<Self, OpenError> {
        let unreachable = |error| OpenError::Unreachable(path.to_owned(), error);
        if create {
            private().create(true).truncate(false).open(path).map_err(unreachable)?;
        }
        match std::fs::metadata(path) {
            Ok(metadata) => Ok(Self { path: path.to_owned(), seen: Mutex::new(Sighting::first(identity(&metadata))) }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(OpenError::Missing(path.to_owned())),
            Err(error) => Err(unreachable(error)),
        }
    }

    /// The file that the path names now; `Unavailable` while there is none.
    pub(crate) fn look(&self) -> Result<Sighting, StoreError> {
        let metadata = std::fs::metadata(&self.path)
            .map_err(|error| StoreError::Unavailable(Some(OpenError::Unreachable(self.path.clone(), error).into())))?;
        let identity = identity(&metadata);
        let mut seen = self.seen();
        if seen.identity != identity {
            *seen = Sighting::first(identity);
        }
        Ok(*seen)
    }

    /// Remembers that the schema of a file was found to be that of this program.
    pub(crate) fn set_migrated(&self, found: &Sighting) {
        let mut seen = self.seen();
        seen.migrated |= seen.identity == found.identity;
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
            Ok(Err(error)) => {
                Err(StoreError::Unavailable(Some(OpenError::Unreachable(self.path.clone(), error).into())))
            }
            Err(error) => Err(StoreError::Failed(error.into())),
        }
    }

    fn seen(&self) -> MutexGuard<'_, Sighting> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Options to open a file for writing that nobody but its owner can read if it is new.
fn private() -> OpenOptions {
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
