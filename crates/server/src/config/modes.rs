//! Permissions of sensitive files and directories.

use std::{fs, os::unix::fs::MetadataExt, path::Path};

use super::{Database, blobs::BlobPlace};

const PERMISSIONS: u32 = 0o7777;
const WORLD_READS: u32 = 0o004;
const WORLD_WRITES: u32 = 0o002;
const GROUP_OR_WRITERS: u32 = 0o072;

/// Access to the file of a secret. The rule is the same for the generated secret and for a configured file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// The owner only.
    Owner,
    /// A group too, as Kubernetes sets up every mount with `fsGroup`; or others may replace the file.
    More(u32),
    /// Every user of the machine may read it.
    World(u32),
}

/// Checks the file of a secret; none if its metadata cannot be read.
pub(super) fn of_secret(path: &Path) -> Option<Access> {
    let mode = mode(path)?;
    Some(match mode {
        mode if mode & WORLD_READS != 0 => Access::World(mode),
        mode if mode & GROUP_OR_WRITERS != 0 => Access::More(mode),
        _ => Access::Owner,
    })
}

/// The warning about a secret that others than its owner can access.
pub(super) fn warning_of_secret(path: &Path) -> Option<String> {
    let Some(Access::More(mode)) = of_secret(path) else { return None };
    Some(format!(
        "others than its owner may use the secret {} (mode {mode:04o}): every member of its group can sign tokens; if that is \
         not meant, run `chmod 600` on it",
        path.display()
    ))
}

/// Warnings about directories in which every user may create or replace files.
pub(super) fn warnings_of_directories(data_dir: &Path, store: &Database, blobs: &BlobPlace) -> Vec<String> {
    let home = store.file().and_then(Path::parent);
    let beside = home.filter(|parent| *parent != data_dir && !parent.as_os_str().is_empty());
    let folder = match blobs {
        BlobPlace::Folder(path) => Some(path.as_path()),
        BlobPlace::Memory | BlobPlace::Beside(_) | BlobPlace::S3(_) | BlobPlace::Nowhere => None,
    };
    let open = [Some(data_dir), beside, folder].into_iter().flatten();
    let open = open.filter_map(|path| mode(path).filter(|mode| mode & WORLD_WRITES != 0).map(|mode| (path, mode)));
    open.map(|(path, mode)| {
        format!(
            "every user of this machine may write into the directory {} (mode {mode:04o}), and so put another secret or \
             database there: run `chmod 700` on it, or use a directory of this user alone",
            path.display()
        )
    })
    .collect()
}

fn mode(path: &Path) -> Option<u32> {
    fs::metadata(path).ok().map(|metadata| metadata.mode() & PERMISSIONS)
}
