//! The file of an export: written under another name, and renamed when it is complete.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Why there is no export.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileError {
    #[error("{} exists: choose another file, or use --overwrite", .0.display())]
    Taken(PathBuf),
    #[error(
        "{} exists: another export to this file is running, or was interrupted; if none is running, remove it",
        .0.display()
    )]
    UnderWay(PathBuf),
    #[error("{} cannot be written", .0.display())]
    Unwritable(PathBuf, #[source] io::Error),
    #[error("standard output cannot be written")]
    Output(#[source] io::Error),
}

/// Where an export goes. A file that is not finished is removed.
pub(super) enum ExportFile {
    Standard(io::StdoutLock<'static>),
    Named { file: File, partial: Partial, path: PathBuf, overwrite: bool },
}

/// The name of an incomplete file, which is removed on drop.
pub(super) struct Partial(Option<PathBuf>);

impl Drop for Partial {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            // If this fails, the next export to the file says so.
            drop(fs::remove_file(path));
        }
    }
}

impl ExportFile {
    pub(super) fn standard() -> Self {
        Self::Standard(io::stdout().lock())
    }

    /// Creates a file that only its owner can read.
    pub(super) fn create(path: &Path, overwrite: bool) -> Result<Self, FileError> {
        refuse_taken(path, overwrite)?;
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial) {
            Ok(file) => Ok(Self::Named { file, partial: Partial(Some(partial)), path: path.to_owned(), overwrite }),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(FileError::UnderWay(partial)),
            Err(error) => Err(FileError::Unwritable(partial, error)),
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        match self {
            Self::Standard(output) => output.write_all(bytes).map_err(FileError::Output),
            Self::Named { file, path, .. } => {
                file.write_all(bytes).map_err(|error| FileError::Unwritable(path.clone(), error))
            }
        }
    }

    /// Makes it durable and renames it.
    pub(super) fn finish(self) -> Result<(), FileError> {
        match self {
            Self::Standard(mut output) => output.flush().map_err(FileError::Output),
            Self::Named { file, mut partial, path, overwrite } => {
                refuse_taken(&path, overwrite)?;
                let renamed =
                    file.sync_all().and_then(|()| partial.0.as_ref().map_or(Ok(()), |from| fs::rename(from, &path)));
                renamed.map_err(|error| FileError::Unwritable(path.clone(), error))?;
                partial.0 = None;
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
                // The new name must survive a power cut too.
                File::open(folder)
                    .and_then(|folder| folder.sync_all())
                    .map_err(|error| FileError::Unwritable(path, error))
            }
        }
    }
}

fn refuse_taken(path: &Path, overwrite: bool) -> Result<(), FileError> {
    if !overwrite && path.symlink_metadata().is_ok() { Err(FileError::Taken(path.to_owned())) } else { Ok(()) }
}
