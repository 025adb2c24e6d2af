//! From the driver's errors to those of the port.

use std::{error::Error, io, iter, path::PathBuf};

use object_store::Error as Failure;
use vestibule_ports::BlobError;

/// Why blobs cannot be stored at the configured place.
#[derive(Debug, thiserror::Error)]
pub enum ObjectsError {
    /// There is no such folder.
    #[error("there is no folder {path}; mount it, or make it with `mkdir -m 700 {path}`", path = .0.display())]
    NoFolder(PathBuf),
    /// The folder cannot be created or used.
    #[error("the folder for blobs cannot be used")]
    Folder(#[source] io::Error),
    /// The settings contradict each other.
    #[error("the settings of the blob storage contradict each other")]
    Options(#[source] Failure),
}

/// With a bucket, an error that the driver has no name for is mostly a request that failed even after retries: a later one
/// may succeed. A missing bucket is among these, because the driver does not tell them apart.
pub(crate) fn translate(failure: Failure) -> BlobError {
    match failure {
        Failure::Generic { store: "S3", .. } | Failure::JoinError { .. } => BlobError::Unavailable(failure.into()),
        _ => failed(failure),
    }
}

/// A local file that cannot be written or read. A full disk may have room later.
pub(crate) fn failed(error: impl Error + Send + Sync + 'static) -> BlobError {
    if is_full(&error) { BlobError::Unavailable(error.into()) } else { BlobError::Failed(error.into()) }
}

fn is_full(error: &(dyn Error + 'static)) -> bool {
    let is_full = |error: &io::Error| matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    let mut causes = iter::successors(Some(error), |error| (*error).source());
    causes.any(|cause| cause.downcast_ref::<io::Error>().is_some_and(is_full))
}

#[cfg(test)]
mod tests {
    use std::{fs::File, os::unix::fs::FileExt};

    use super::*;

    #[test]
    fn a_full_disk_is_unavailable_also_if_the_driver_tells_it() {
        let full = || File::options().write(true).open("/dev/full").unwrap().write_all_at(b"content", 0).unwrap_err();
        assert!(matches!(failed(full()), BlobError::Unavailable(_)));
        let of_driver = |source: io::Error| Failure::Generic { store: "LocalFileSystem", source: source.into() };
        assert!(matches!(translate(of_driver(full())), BlobError::Unavailable(_)));
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        assert!(matches!(translate(of_driver(denied)), BlobError::Failed(_)));
    }
}
