//! The storage of document contents.

use std::sync::Arc;

use async_trait::async_trait;
use vestibule_domain::BlobName;
use vestibule_memory::MemoryBlobs;
use vestibule_objects::ObjectBlobs;
use vestibule_ports::{BlobError, BlobReader, BlobScan, BlobWriter, Blobs, Clock, FoundBlob};

use super::ComposeError;
use crate::config::{BlobPlace, Config, data_dir};

pub(super) fn open(config: &Config, clock: &Arc<dyn Clock>) -> Result<Arc<dyn Blobs>, ComposeError> {
    Ok(match &config.blobs {
        BlobPlace::Memory => Arc::new(MemoryBlobs::new(Arc::clone(clock))),
        BlobPlace::Folder(folder) => Arc::new(ObjectBlobs::folder(folder)?),
        BlobPlace::Beside(folder) => Arc::new(ObjectBlobs::own_folder(folder)?),
        BlobPlace::S3(options) => Arc::new(ObjectBlobs::s3(options, &data_dir::uploads(&config.server.data_dir)?)?),
        BlobPlace::Nowhere => Arc::new(NoBlobs),
    })
}

/// For commands that handle no documents: the storage is neither checked nor created.
pub(super) fn none() -> Arc<dyn Blobs> {
    Arc::new(NoBlobs)
}

/// Used if no storage is configured: it is empty and refuses writes.
struct NoBlobs;

fn nowhere<T>() -> Result<T, BlobError> {
    Err(BlobError::Unavailable("no place for documents is configured: set VESTIBULE_BLOBS".into()))
}

#[async_trait]
impl Blobs for NoBlobs {
    async fn create(&self, _name: BlobName) -> Result<Box<dyn BlobWriter>, BlobError> {
        nowhere()
    }

    async fn open(&self, _name: BlobName) -> Result<Option<Box<dyn BlobReader>>, BlobError> {
        nowhere()
    }

    async fn remove(&self, _name: BlobName) -> Result<(), BlobError> {
        nowhere()
    }

    fn scan(&self) -> Box<dyn BlobScan> {
        Box::new(Self)
    }

    /// Nothing can be unreachable.
    async fn ping(&self) -> Result<(), BlobError> {
        Ok(())
    }
}

#[async_trait]
impl BlobScan for NoBlobs {
    async fn next(&mut self, _limit: usize) -> Result<Vec<FoundBlob>, BlobError> {
        Ok(Vec::new())
    }
}
