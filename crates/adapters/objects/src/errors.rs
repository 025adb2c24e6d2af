//! From the driver's errors to those of the port.

use std::{error::Error, io};

use object_store::Error as Failure;
use vestibule_ports::BlobError;

/// Why blobs cannot be kept at the configured place.
#[derive(Debug, thiserror::Error)]
pub enum ObjectsError {
    /// The folder cannot be made or used.
    #[error("the folder of the blobs cannot be used")]
    Folder(#[source] io::Error),
    /// The settings do not fit together.
    #[error("the place of the blobs does not fit")]
    Options(#[source] Failure),
}

/// What the driver has no name for is, with a bucket, mostly a request that found no good answer, after its retries: it may
/// find one later. A bucket that does not exist is among these, since the driver does not tell.
pub(crate) fn translate(failure: Failure) -> BlobError {
    match failure {
        Failure::Generic { store: "S3", .. } | Failure::JoinError { .. } => BlobError::Unavailable(failure.into()),
        _ => BlobError::Failed(failure.into()),
    }
}

/// A file of this machine that cannot be written or read.
pub(crate) fn failed(error: impl Error + Send + Sync + 'static) -> BlobError {
    BlobError::Failed(error.into())
}
