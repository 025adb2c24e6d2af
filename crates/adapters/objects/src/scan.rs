//! Scanning every blob.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{StreamExt, stream::BoxStream};
use object_store::ObjectMeta;
use time::OffsetDateTime;
use tokio::task::spawn_blocking;
use vestibule_ports::{BlobError, BlobScan, FoundBlob};

use crate::{
    blobs::Place,
    errors::{failed, translate},
    folder,
};

/// A resumable listing: a folder is walked, or a bucket listed, only as far as requested.
pub(crate) struct Scan {
    place: Arc<Place>,
    listing: Listing,
}

enum Listing {
    NotBegun,
    UnderWay(BoxStream<'static, object_store::Result<ObjectMeta>>),
    Ended,
}

impl Scan {
    pub(crate) fn new(place: Arc<Place>) -> Self {
        Self { place, listing: Listing::NotBegun }
    }

    /// Files that a killed process left in a folder are removed before the first blob.
    async fn begin(&mut self) -> Result<(), BlobError> {
        if let Some(folder) = self.place.folder.clone() {
            spawn_blocking(move || folder::clear_unfinished(&folder)).await.map_err(failed)?.map_err(failed)?;
        }
        self.listing = Listing::UnderWay(self.place.list());
        Ok(())
    }
}

#[async_trait]
impl BlobScan for Scan {
    async fn next(&mut self, limit: usize) -> Result<Vec<FoundBlob>, BlobError> {
        if matches!(self.listing, Listing::NotBegun) {
            self.begin().await?;
        }
        let mut found = Vec::new();
        while found.len() < limit {
            let Listing::UnderWay(stream) = &mut self.listing else { break };
            match stream.next().await {
                Some(Ok(object)) => found.extend(blob(&self.place, &object)),
                Some(Err(failure)) => {
                    self.listing = Listing::Ended;
                    return Err(translate(failure));
                }
                None => self.listing = Listing::Ended,
            }
        }
        Ok(found)
    }
}

fn blob(place: &Place, object: &ObjectMeta) -> Option<FoundBlob> {
    let nanos = object.last_modified.timestamp_nanos_opt()?;
    let written_at = OffsetDateTime::from_unix_timestamp_nanos(nanos.into()).ok()?;
    Some(FoundBlob { name: place.name(&object.location)?, written_at })
}
