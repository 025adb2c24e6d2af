//! Writing: into a nameless file, which then gets its name in a folder, or else is transferred.

use std::{fs::File, io, os::unix::fs::FileExt, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use object_store::{MultipartUpload, ObjectStoreExt, PutPayload, path::Path};
use tokio::task::spawn_blocking;
use vestibule_domain::BlobName;
use vestibule_ports::{BlobError, BlobWriter};

use crate::{
    blobs::Place,
    errors::{failed, translate},
    folder,
};

const PIECE: u64 = 64 * 1_024;

/// A blob that is being written. The file has no name, so it vanishes with its last handle, even if the process is killed.
pub(crate) struct Upload {
    place: Arc<Place>,
    name: BlobName,
    file: Arc<File>,
    size: u64,
}

impl Upload {
    pub(crate) async fn begin(place: Arc<Place>, name: BlobName) -> Result<Self, BlobError> {
        let spool = place.spool.clone();
        let file = spawn_blocking(move || tempfile::tempfile_in(spool)).await.map_err(failed)?.map_err(failed)?;
        Ok(Self { place, name, file: Arc::new(file), size: 0 })
    }
}

#[async_trait]
impl BlobWriter for Upload {
    async fn write(&mut self, piece: Vec<u8>) -> Result<(), BlobError> {
        let (file, at, length) = (Arc::clone(&self.file), self.size, piece.len() as u64);
        spawn_blocking(move || file.write_all_at(&piece, at)).await.map_err(failed)?.map_err(failed)?;
        self.size += length;
        Ok(())
    }

    /// In a folder the file gets its name. Otherwise it waits for its turn and is then transferred by its own task, even if
    /// the future is dropped: a started transfer is either completed or undone.
    async fn finish(self: Box<Self>) -> Result<(), BlobError> {
        let Self { place, name, file, size } = *self;
        if let Some(folder) = place.folder.clone() {
            let file = Arc::clone(&file);
            let linked = spawn_blocking(move || folder::link(&file, &folder, name)).await.map_err(failed)?;
            if linked.map_err(failed)? {
                return Ok(());
            }
        }
        let turn = Arc::clone(&place.uploads).acquire_owned().await.map_err(failed)?;
        let all = async move {
            let _turn = turn;
            let path = place.path(name);
            if size <= place.part as u64 {
                let content = read(&file, 0, size).await?;
                return place.store.put(&path, content).await.map(drop).map_err(translate);
            }
            in_parts(&place, &path, &file, size).await
        };
        tokio::spawn(all).await.map_err(failed)?
    }
}

/// Transfers a file part by part, each as large as possible except the last.
async fn in_parts(place: &Place, path: &Path, file: &Arc<File>, size: u64) -> Result<(), BlobError> {
    let mut upload = place.store.put_multipart(path).await.map_err(translate)?;
    let brought = bring(upload.as_mut(), file, (place.part as u64, size)).await;
    if brought.is_err() {
        // If undoing fails too, the object store must clean up.
        let _ = upload.abort().await;
    }
    brought
}

async fn bring(upload: &mut dyn MultipartUpload, file: &Arc<File>, (part, size): (u64, u64)) -> Result<(), BlobError> {
    let mut at = 0;
    while at < size {
        let length = part.min(size - at);
        let content = read(file, at, length).await?;
        upload.put_part(content).await.map_err(translate)?;
        at += length;
    }
    upload.complete().await.map(drop).map_err(translate)
}

/// Reads a part in small pieces, which the allocator reuses; whole parts would stay allocated, one per thread.
async fn read(file: &Arc<File>, at: u64, length: u64) -> Result<PutPayload, BlobError> {
    let file = Arc::clone(file);
    let read = move || {
        let (mut pieces, mut done) = (Vec::new(), 0);
        while done < length {
            let mut piece = vec![0; usize::try_from(PIECE.min(length - done)).unwrap_or_default()];
            file.read_exact_at(&mut piece, at + done)?;
            done += piece.len() as u64;
            pieces.push(Bytes::from(piece));
        }
        Ok::<PutPayload, io::Error>(pieces.into_iter().collect())
    };
    spawn_blocking(read).await.map_err(failed)?.map_err(failed)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use object_store::memory::InMemory;
    use vestibule_domain::{AccountId, BlobId};
    use vestibule_ports::Blobs;

    use super::*;
    use crate::ObjectBlobs;

    #[tokio::test]
    async fn a_request_that_is_dropped_before_its_turn_leaves_the_queue() {
        let directory = tempfile::tempdir().unwrap();
        let blobs = ObjectBlobs::new(InMemory::new(), ("", 1_024), directory.path().to_owned(), None);
        let account = AccountId::from_hex(&format!("{:024x}", 1)).unwrap();
        let [dropped, next] = [1, 2].map(|number| BlobName::of_document(account, BlobId::new([number; 16])));
        let uploads = Arc::clone(&blobs.place.uploads);
        let turns = uploads.available_permits();
        let all = uploads.acquire_many(u32::try_from(turns).unwrap()).await.unwrap();
        let mut finish = blobs.create(dropped).await.unwrap().finish();
        assert!((&mut finish).now_or_never().is_none(), "it did not wait");
        drop(finish);
        drop(all);
        blobs.create(next).await.unwrap().finish().await.unwrap();
        drop(uploads.acquire_many(u32::try_from(turns).unwrap()).await.unwrap());
        let found: Vec<_> = blobs.scan().next(10).await.unwrap().iter().map(|blob| blob.name).collect();
        assert_eq!(found, [next]);
    }
}
