//! Blobs in memory: for the memory store, and for tests.

use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::BlobName;
use vestibule_ports::{BlobError, BlobReader, BlobScan, BlobWriter, Blobs, Clock, FoundBlob};

/// The size of the pieces that a reader returns.
const PIECE: usize = 64 * 1_024;

/// A blob and the time when it was finished.
type Kept = (Arc<[u8]>, OffsetDateTime);
type Table = Arc<Mutex<BTreeMap<BlobName, Kept>>>;

/// Blobs that last as long as their process; clones share them.
#[derive(Clone)]
pub struct MemoryBlobs {
    table: Table,
    clock: Arc<dyn Clock>,
}

impl MemoryBlobs {
    /// Empty; the clock gives the time when each blob is finished.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { table: Table::default(), clock }
    }
}

fn lock(table: &Table) -> MutexGuard<'_, BTreeMap<BlobName, Kept>> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Blobs for MemoryBlobs {
    async fn create(&self, name: BlobName) -> Result<Box<dyn BlobWriter>, BlobError> {
        Ok(Box::new(Writer { blobs: self.clone(), name, content: Vec::new() }))
    }

    async fn open(&self, name: BlobName) -> Result<Option<Box<dyn BlobReader>>, BlobError> {
        let content = lock(&self.table).get(&name).map(|(content, _)| Arc::clone(content));
        Ok(content.map(|content| Box::new(Reader { content, at: 0 }) as Box<dyn BlobReader>))
    }

    async fn remove(&self, name: BlobName) -> Result<(), BlobError> {
        lock(&self.table).remove(&name);
        Ok(())
    }

    fn scan(&self) -> Box<dyn BlobScan> {
        Box::new(Scan { table: Arc::clone(&self.table), after: None })
    }

    async fn ping(&self) -> Result<(), BlobError> {
        Ok(())
    }
}

struct Writer {
    blobs: MemoryBlobs,
    name: BlobName,
    content: Vec<u8>,
}

#[async_trait]
impl BlobWriter for Writer {
    async fn write(&mut self, mut piece: Vec<u8>) -> Result<(), BlobError> {
        self.content.append(&mut piece);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<(), BlobError> {
        let kept = (self.content.into(), self.blobs.clock.now());
        lock(&self.blobs.table).insert(self.name, kept);
        Ok(())
    }
}

struct Reader {
    content: Arc<[u8]>,
    at: usize,
}

#[async_trait]
impl BlobReader for Reader {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, BlobError> {
        let rest = &self.content[self.at..];
        let piece = rest[..rest.len().min(PIECE)].to_vec();
        self.at += piece.len();
        Ok(if piece.is_empty() { None } else { Some(piece) })
    }
}

struct Scan {
    table: Table,
    after: Option<BlobName>,
}

#[async_trait]
impl BlobScan for Scan {
    async fn next(&mut self, limit: usize) -> Result<Vec<FoundBlob>, BlobError> {
        let from = self.after.map_or(Bound::Unbounded, Bound::Excluded);
        let table = lock(&self.table);
        let blobs = table.range((from, Bound::Unbounded)).take(limit);
        let found: Vec<_> = blobs.map(|(name, (_, at))| FoundBlob { name: *name, written_at: *at }).collect();
        self.after = found.last().map(|blob| blob.name).or(self.after);
        Ok(found)
    }
}
