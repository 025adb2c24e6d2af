//! Blobs in a folder of this machine.

use std::{
    fs::{self, DirBuilder, File},
    io,
    os::{fd::AsRawFd, unix::fs::DirBuilderExt},
    path::Path,
    time::{Duration, SystemTime},
};

use object_store::local::LocalFileSystem;
use rustix::{
    fs::{AtFlags, CWD},
    io::Errno,
};
use vestibule_domain::{BlobName, BlobOwner};

use crate::{ObjectBlobs, ObjectsError};

/// How much of a file is written at once.
const PART: usize = 512 * 1_024;
/// After how long an unfinished file must belong to a dead process.
const UNFINISHED: Duration = Duration::from_hours(1);

impl ObjectBlobs {
    /// Blobs in an existing folder. A missing one is not created: its disk may not be mounted. A finished blob and its name
    /// are synced to the disk.
    pub fn folder(path: &Path) -> Result<Self, ObjectsError> {
        let path = path.canonicalize().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => ObjectsError::NoFolder(path.to_owned()),
            _ => ObjectsError::Folder(error),
        })?;
        if !path.is_dir() {
            return Err(ObjectsError::Folder(io::ErrorKind::NotADirectory.into()));
        }
        let store = LocalFileSystem::new_with_prefix(&path).map_err(ObjectsError::Options)?;
        let store = store.with_fsync(true).with_automatic_cleanup(true);
        Ok(Self::new(store, ("", PART), path.clone(), Some(path)))
    }

    /// The same in a folder that is created if missing, with mode 0700, and whose name is then synced too.
    pub fn own_folder(path: &Path) -> Result<Self, ObjectsError> {
        make(path).map_err(ObjectsError::Folder)?;
        Self::folder(path)
    }
}

fn make(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    File::open(path.canonicalize()?.parent().unwrap_or(path))?.sync_all()
}

/// Links a nameless file of the folder under the name of a blob, so that its content need not be copied; false if that is
/// impossible, because the blob exists or the file system has no such files. The content and the name are synced.
pub(crate) fn link(file: &File, folder: &Path, name: BlobName) -> io::Result<bool> {
    file.sync_all()?;
    let target = folder.join(name.to_string());
    let parents: Vec<&Path> = target.ancestors().skip(1).take_while(|parent| parent.starts_with(folder)).collect();
    if let Some(owner) = parents.first() {
        fs::create_dir_all(owner)?;
    }
    let handle = format!("/proc/self/fd/{}", file.as_raw_fd());
    match rustix::fs::linkat(CWD, handle.as_str(), CWD, &target, AtFlags::SYMLINK_FOLLOW) {
        Ok(()) => {}
        Err(Errno::EXIST | Errno::NOENT | Errno::NOTSUP | Errno::XDEV | Errno::PERM | Errno::ACCESS) => {
            return Ok(false);
        }
        Err(error) => return Err(error.into()),
    }
    for parent in parents {
        File::open(parent)?.sync_all()?;
    }
    Ok(true)
}

/// Removes unfinished files of killed processes, which `object_store` names `NAME#NUMBER` beside the blob.
pub(crate) fn clear_unfinished(folder: &Path) -> io::Result<()> {
    // The age is by the clock of the file system.
    let now = tempfile::tempfile_in(folder)?.metadata()?.modified()?;
    for root in BlobOwner::ROOTS {
        for owner in entries(&folder.join(root))? {
            clear_unfinished_of(&owner?.path(), now)?;
        }
    }
    Ok(())
}

fn clear_unfinished_of(owner: &Path, now: SystemTime) -> io::Result<()> {
    for file in entries(owner)? {
        let file = file?;
        let is_unfinished = file.file_name().to_str().is_some_and(is_unfinished);
        let is_old = || Some(now.duration_since(file.metadata().ok()?.modified().ok()?).ok()? >= UNFINISHED);
        if is_unfinished && is_old() == Some(true) {
            absent_is_fine(fs::remove_file(file.path()))?;
        }
    }
    Ok(())
}

fn is_unfinished(name: &str) -> bool {
    name.split_once('#').is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// The entries of a directory; none if it is missing or a file.
fn entries(directory: &Path) -> io::Result<impl Iterator<Item = io::Result<fs::DirEntry>>> {
    match fs::read_dir(directory) {
        Ok(entries) => Ok(Some(entries).into_iter().flatten()),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None.into_iter().flatten())
        }
        Err(error) => Err(error),
    }
}

fn absent_is_fine(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
