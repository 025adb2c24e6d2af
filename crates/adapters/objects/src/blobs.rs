//! The port, implemented by an object store.

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use object_store::{Error as Failure, ObjectMeta, ObjectStore, ObjectStoreExt, path::Path};
use tokio::{sync::Semaphore, task::spawn_blocking};
use vestibule_domain::{BlobName, BlobOwner};
use vestibule_ports::{BlobError, BlobReader, BlobScan, BlobWriter, Blobs};

use crate::{
    errors::{failed, translate},
    scan::Scan,
    upload::Upload,
};

/// How many finished uploads are transferred at once; each needs the memory of one part.
const UPLOADS: usize = 2;

/// Blobs in a folder or a bucket; clones share it.
#[derive(Clone)]
pub struct ObjectBlobs {
    pub(crate) place: Arc<Place>,
}

/// Where the blobs are and how they get there.
pub(crate) struct Place {
    pub(crate) store: Box<dyn ObjectStore>,
    /// The prefix of every name, without a slash at its end; may be empty.
    prefix: String,
    /// Where uploads wait as nameless files.
    pub(crate) spool: PathBuf,
    /// The most bytes transferred in one piece.
    pub(crate) part: usize,
    /// The folder that may have unfinished files, if the blobs are in a folder.
    pub(crate) folder: Option<PathBuf>,
    pub(crate) uploads: Arc<Semaphore>,
}

impl ObjectBlobs {
    pub(crate) fn new(
        store: impl ObjectStore,
        (prefix, part): (&str, usize),
        spool: PathBuf,
        folder: Option<PathBuf>,
    ) -> Self {
        let uploads = Arc::new(Semaphore::new(UPLOADS));
        let place = Place { store: Box::new(store), prefix: prefix.to_owned(), spool, part, folder, uploads };
        Self { place: Arc::new(place) }
    }
}

impl Place {
    /// The path of a blob; our names need no escaping.
    pub(crate) fn path(&self, name: BlobName) -> Path {
        Path::from(format!("{}/{name}", self.prefix))
    }

    /// The blob at a path, if any.
    pub(crate) fn name(&self, path: &Path) -> Option<BlobName> {
        let path = path.as_ref();
        let rest = if self.prefix.is_empty() { path } else { path.strip_prefix(&self.prefix)?.strip_prefix('/')? };
        rest.parse().ok()
    }

    /// The folders that blobs are below.
    pub(crate) fn list(&self) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        let lists = BlobOwner::ROOTS.map(|root| self.store.list(Some(&Path::from(format!("{}/{root}", self.prefix)))));
        stream::iter(lists).flatten().boxed()
    }
}

#[async_trait]
impl Blobs for ObjectBlobs {
    async fn create(&self, name: BlobName) -> Result<Box<dyn BlobWriter>, BlobError> {
        Ok(Box::new(Upload::begin(Arc::clone(&self.place), name).await?))
    }

    async fn open(&self, name: BlobName) -> Result<Option<Box<dyn BlobReader>>, BlobError> {
        match self.place.store.get(&self.place.path(name)).await {
            Ok(found) => Ok(Some(Box::new(Reader(found.into_stream())))),
            Err(Failure::NotFound { .. }) => Ok(None),
            Err(failure) => Err(translate(failure)),
        }
    }

    async fn remove(&self, name: BlobName) -> Result<(), BlobError> {
        match self.place.store.delete(&self.place.path(name)).await {
            Ok(()) | Err(Failure::NotFound { .. }) => Ok(()),
            Err(failure) => Err(translate(failure)),
        }
    }

    fn scan(&self) -> Box<dyn BlobScan> {
        Box::new(Scan::new(Arc::clone(&self.place)))
    }

    /// Checks that uploads can wait here and that the object store answers.
    async fn ping(&self) -> Result<(), BlobError> {
        let spool = self.place.spool.clone();
        spawn_blocking(move || tempfile::tempfile_in(spool)).await.map_err(failed)?.map_err(failed)?;
        match self.place.list().next().await {
            Some(Err(failure)) => Err(translate(failure)),
            Some(Ok(_)) | None => Ok(()),
        }
    }
}

struct Reader(BoxStream<'static, object_store::Result<Bytes>>);

#[async_trait]
impl BlobReader for Reader {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, BlobError> {
        while let Some(piece) = self.0.next().await {
            let piece = piece.map_err(translate)?;
            if !piece.is_empty() {
                return Ok(Some(piece.into()));
            }
        }
        Ok(None)
    }
}
