//! An upload whose future is dropped at any point, as when its client goes away, leaves the field as it was or as it was to
//! be, and after a sweep no blob that nothing refers to.

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use async_trait::async_trait;
use time::Duration;
use vestibule_application::{
    Documents, DocumentsPorts, Policy,
    documents::{Chunks, DocumentError, Truncated},
};
use vestibule_domain::{BlobName, Role};
use vestibule_memory::MemoryStore;
use vestibule_ports::{
    AdvanceSessions, BlobError, BlobReader, BlobScan, BlobWriter, Blobs, Conversations, Export, Import,
    MigrationStatus, PoolUsage, ReadView, Store, StoreError, UnitOfWork,
};

use super::{PDF, Pieces, pdf, tax_id};
use crate::support::World;

/// Is ready at the second poll: a place at which a future may be dropped.
async fn pause() {
    let mut is_first = true;
    std::future::poll_fn(|context| {
        context.waker().wake_by_ref();
        if std::mem::take(&mut is_first) { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
}

/// Blobs that pause before and after whatever they do.
struct Slow(Arc<dyn Blobs>);

struct SlowWriter(Box<dyn BlobWriter>);

#[async_trait]
impl Blobs for Slow {
    async fn create(&self, name: BlobName) -> Result<Box<dyn BlobWriter>, BlobError> {
        pause().await;
        let writer = self.0.create(name).await?;
        pause().await;
        Ok(Box::new(SlowWriter(writer)))
    }

    async fn open(&self, name: BlobName) -> Result<Option<Box<dyn BlobReader>>, BlobError> {
        self.0.open(name).await
    }

    async fn remove(&self, name: BlobName) -> Result<(), BlobError> {
        self.0.remove(name).await
    }

    fn scan(&self) -> Box<dyn BlobScan> {
        self.0.scan()
    }

    async fn ping(&self) -> Result<(), BlobError> {
        self.0.ping().await
    }
}

#[async_trait]
impl BlobWriter for SlowWriter {
    async fn write(&mut self, piece: Vec<u8>) -> Result<(), BlobError> {
        pause().await;
        self.0.write(piece).await?;
        pause().await;
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<(), BlobError> {
        pause().await;
        self.0.finish().await?;
        pause().await;
        Ok(())
    }
}

/// A store whose units pause before they begin.
struct SlowStore(MemoryStore);

#[async_trait]
impl Store for SlowStore {
    fn read(&self) -> &dyn ReadView {
        self.0.read()
    }

    async fn write(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        pause().await;
        let unit = self.0.write().await;
        pause().await;
        unit
    }

    fn sessions(&self) -> &dyn AdvanceSessions {
        self.0.sessions()
    }

    fn conversations(&self) -> &dyn Conversations {
        self.0.conversations()
    }

    async fn export(&self) -> Result<Box<dyn Export + '_>, StoreError> {
        self.0.export().await
    }

    async fn import(&self) -> Result<Option<Box<dyn Import + '_>>, StoreError> {
        self.0.import().await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.0.ping().await
    }

    async fn migrate(&self) -> Result<(), StoreError> {
        self.0.migrate().await
    }

    async fn migrations(&self) -> Result<Vec<MigrationStatus>, StoreError> {
        self.0.migrations().await
    }

    async fn servers(&self) -> Result<Vec<String>, StoreError> {
        self.0.servers().await
    }

    fn pool_usage(&self) -> PoolUsage {
        self.0.pool_usage()
    }

    async fn close(&self) {
        self.0.close().await;
    }
}

/// A source that pauses before each piece.
struct SlowPieces(Pieces);

impl Chunks for SlowPieces {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Truncated> {
        pause().await;
        (&mut self.0).next().await
    }
}

/// A world with such a store.
pub(super) fn slow_world() -> World {
    World::with_ports(Policy { limits: false, ..Policy::default() }, |core, _| {
        core.store = Arc::new(SlowStore(MemoryStore::new()));
    })
}

/// Breaks an upload off after so many polls; whether it was done before that.
async fn broken_off_after(polls: usize, (is_first, is_killed): (bool, bool)) -> bool {
    let mut world = slow_world();
    let slow = DocumentsPorts { blobs: Arc::new(Slow(Arc::clone(&world.blobs))) };
    world.documents = Documents::new(Arc::clone(world.app.core()), slow);
    let (account, caller) = world.a_caller("alice@example.com", Role::User).await;
    let of = tax_id(account.id());
    if !is_first {
        world.upload(&caller, of, PDF).await.unwrap();
    }
    let new = pdf(200_000);
    let is_done = {
        let upload = world.documents.upload(&caller, of, SlowPieces(Pieces::sized(new.len())));
        // Only our own pauses, and none of the runtime's for the sake of other tasks.
        let mut upload = pin!(tokio::task::unconstrained(upload));
        let mut context = Context::from_waker(Waker::noop());
        (0..polls).any(|_| upload.as_mut().poll(&mut context).is_ready())
    };
    // Nothing that a dropped upload left is in the way of the next look, or of the next sweep.
    match world.download(&caller, of).await {
        Ok(content) => assert!(content == new || (!is_first && content == PDF), "half a document after {polls} polls"),
        Err(DocumentError::NotFound) => assert!(is_first && !is_done, "the document is gone after {polls} polls"),
        Err(other) => panic!("{other} after {polls} polls"),
    }
    let referenced = world.referenced(account.id()).await;
    // A process that is killed does not get to what the drop itself says is to go.
    if !is_killed {
        world.documents.remove_discarded().await.unwrap();
        assert_eq!(world.blobs_now().await, referenced, "after {polls} polls");
    }
    world.advance(Duration::hours(2));
    world.sweep().await.unwrap();
    assert_eq!(world.blobs_now().await, referenced, "after {polls} polls");
    assert!(world.download(&caller, of).await.is_ok() != referenced.is_empty());
    is_done
}

#[tokio::test]
async fn an_upload_that_is_dropped_at_any_point_leaves_no_half() {
    for how in [(true, true), (true, false), (false, true), (false, false)] {
        let mut polls = 0;
        // A world whose upload is never done is a mistake of this test.
        while polls < 200 && !broken_off_after(polls, how).await {
            polls += 1;
        }
        assert!((15..200).contains(&polls), "{polls} points");
    }
}
