//! Storage of the contents of documents and pictures: named, written once, read as a stream.

use std::error::Error;

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::BlobName;

/// Why a blob was not written, read or removed.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The blob storage is unreachable, does not answer in time, or has no room: a retry may help.
    #[error("the blob storage is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The blob storage refuses, for example because a right is missing or a bucket does not exist.
    #[error("the blob storage failed")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

/// A blob that a scan found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundBlob {
    pub name: BlobName,
    /// When it was finished, by the clock of the blob storage.
    pub written_at: OffsetDateTime,
}

/// The blob storage.
///
/// A blob holds sealed content: an adapter neither seals nor looks inside. An adapter needs constant memory per blob,
/// whatever its size and however many are written and read at once.
#[async_trait]
pub trait Blobs: Send + Sync {
    /// Begins to write a blob. Until [`BlobWriter::finish`] the name finds nothing, or the earlier blob.
    async fn create(&self, name: BlobName) -> Result<Box<dyn BlobWriter>, BlobError>;
    /// Begins to read a blob; none if no blob has this name.
    async fn open(&self, name: BlobName) -> Result<Option<Box<dyn BlobReader>>, BlobError>;
    /// Removes a blob; succeeds if there is none. A read of it in progress may fail.
    async fn remove(&self, name: BlobName) -> Result<(), BlobError>;
    /// Begins a scan of every blob, in no particular order. Names that are not a [`BlobName`] are skipped.
    fn scan(&self) -> Box<dyn BlobScan>;
    /// Checks whether the blob storage is reachable; changes nothing.
    async fn ping(&self) -> Result<(), BlobError>;
}

/// A blob that is being written. Dropped before [`BlobWriter::finish`], it leaves nothing that can be opened or found.
#[async_trait]
pub trait BlobWriter: Send {
    /// Adds a piece of any size.
    async fn write(&mut self, piece: Vec<u8>) -> Result<(), BlobError>;
    /// Makes the blob visible, whole and durable: after `Ok` it survives a power cut. If the future is dropped, the blob
    /// may or may not become visible, but never only a part of it.
    async fn finish(self: Box<Self>) -> Result<(), BlobError>;
}

/// A blob that is being read.
#[async_trait]
pub trait BlobReader: Send {
    /// The next piece, never empty; none after the last.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, BlobError>;
}

/// A scan of every blob, which may be continued at any time. Blobs that are added or removed meanwhile may or may not be
/// found.
#[async_trait]
pub trait BlobScan: Send {
    /// The next blobs, at most `limit`. Fewer, but at least one, may come before the end; none means the end. After an
    /// error the scan has ended.
    async fn next(&mut self, limit: usize) -> Result<Vec<FoundBlob>, BlobError>;
}
