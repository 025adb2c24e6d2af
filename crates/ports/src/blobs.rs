//! Where the contents of documents are kept: named, written once, read as a stream.

use std::error::Error;

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::BlobName;

/// Why a blob was not written, read or removed.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The blobs cannot be reached, do not answer in time, or have no room: trying again may help.
    #[error("the blobs are unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The blobs refuse, such as for a missing right or a bucket that does not exist.
    #[error("the blobs failed")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

/// A blob that a scan came upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundBlob {
    /// Its name.
    pub name: BlobName,
    /// When it was finished, by the clock of whatever keeps it.
    pub written_at: OffsetDateTime,
}

/// Every blob.
///
/// A blob holds what the use cases sealed: an adapter neither seals nor looks inside. It costs an adapter constant memory,
/// whatever its size and however many are written and read at once.
#[async_trait]
pub trait Blobs: Send + Sync {
    /// Begins to write a blob. Nothing can be opened or found under the name, or an earlier blob stays, until
    /// [`BlobWriter::finish`].
    async fn create(&self, name: BlobName) -> Result<Box<dyn BlobWriter>, BlobError>;
    /// Begins to read a blob; none if there is no blob of this name.
    async fn open(&self, name: BlobName) -> Result<Option<Box<dyn BlobReader>>, BlobError>;
    /// Removes a blob; the same if there is none. A blob that is being read may break off.
    async fn remove(&self, name: BlobName) -> Result<(), BlobError>;
    /// Begins to look at every blob, in no particular order. What is under another name than a [`BlobName`] is left out.
    fn scan(&self) -> Box<dyn BlobScan>;
    /// Asks whether the blobs can be reached; changes nothing.
    async fn ping(&self) -> Result<(), BlobError>;
}

/// A blob that is being written. Dropped before [`BlobWriter::finish`] it leaves nothing that could be opened or found.
#[async_trait]
pub trait BlobWriter: Send {
    /// Adds a piece of any size.
    async fn write(&mut self, piece: Vec<u8>) -> Result<(), BlobError>;
    /// Makes the blob visible, whole and durable: after `Ok` it survives a power cut. If the future is dropped, the blob
    /// may or may not become visible, but never a part of it.
    async fn finish(self: Box<Self>) -> Result<(), BlobError>;
}

/// A blob that is being read.
#[async_trait]
pub trait BlobReader: Send {
    /// The next piece, of any size but zero; none after the last.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, BlobError>;
}

/// A look at every blob, which may be continued at any time. Blobs that come or go meanwhile are found or not.
#[async_trait]
pub trait BlobScan: Send {
    /// The next blobs, at most so many; empty at the end. Fewer than `limit`, but not none, may come before the end. After
    /// an error the scan has ended.
    async fn next(&mut self, limit: usize) -> Result<Vec<FoundBlob>, BlobError>;
}
