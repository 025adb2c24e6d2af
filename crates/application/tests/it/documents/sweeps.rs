//! The sweep removes what no dossier refers to, and only that.

use std::sync::Arc;

use async_trait::async_trait;
use time::Duration;
use vestibule_application::{Documents, DocumentsPorts, Fault, Operator, documents::Sweep};
use vestibule_domain::{Account, AccountId, BlobId, BlobName, Role};
use vestibule_memory::MemoryStore;
use vestibule_ports::{
    AdvanceSessions, BlobError, BlobReader, BlobScan, BlobWriter, Blobs, Conversations, Export, Import,
    MigrationStatus, PoolUsage, ReadView, Store, StoreError, UnitOfWork,
};
use vestibule_testkit::{BrokenStore, FixedClock};

use super::{PDF, sweep_once, tax_id};
use crate::support::World;

impl World {
    /// A blob of an account that no row refers to.
    pub(super) async fn stray(&self, account: AccountId, number: u16) -> BlobName {
        let mut random = [0; 16];
        random[..2].copy_from_slice(&number.to_be_bytes());
        let name = BlobName::of_document(account, BlobId::new(random));
        let mut writer = self.blobs.create(name).await.unwrap();
        writer.write(b"sealed".to_vec()).await.unwrap();
        writer.finish().await.unwrap();
        name
    }
}

async fn with_document(world: &World, address: &str) -> Account {
    let (account, caller) = world.a_caller(address, Role::User).await;
    world.upload(&caller, tax_id(account.id()), PDF).await.unwrap();
    account
}

#[tokio::test]
async fn the_sweep_removes_what_was_an_orphan_for_an_hour_and_nothing_else() {
    let world = World::unlimited();
    let alice = with_document(&world, "alice@example.com").await;
    let bob = with_document(&world, "bob@example.com").await;
    let unknown = AccountId::from_hex(&format!("{:024x}", 7)).unwrap();
    for account in [alice.id(), bob.id(), unknown] {
        world.stray(account, 1).await;
    }
    let mut sweep = Sweep::default();
    let mut swept = async || sweep_once(&world.documents, &mut sweep).await.unwrap();
    assert_eq!(swept().await, 0);
    // What the clocks of the machines show is no matter.
    world.clock.set(FixedClock::START + Duration::days(1_000));
    assert_eq!(swept().await, 0);
    world.advance(Duration::minutes(59));
    let young = world.stray(alice.id(), 2).await;
    assert_eq!(swept().await, 0, "an upload may be about to be committed");
    world.advance(Duration::minutes(1));
    assert_eq!(swept().await, 3);
    let mut expected = world.referenced(alice.id()).await;
    expected.extend(world.referenced(bob.id()).await);
    assert_eq!(expected.len(), 2);
    expected.insert(young);
    assert_eq!(world.blobs_now().await, expected);
    world.advance(Duration::minutes(59));
    assert_eq!(swept().await, 1);
    assert_eq!(swept().await, 0);
}

#[tokio::test]
async fn a_process_that_was_just_started_removes_nothing_for_an_hour() {
    let world = World::unlimited();
    let alice = with_document(&world, "alice@example.com").await;
    world.stray(alice.id(), 1).await;
    for _ in 0..3 {
        world.advance(Duration::hours(5));
        assert_eq!(sweep_once(&world.documents, &mut Sweep::default()).await.unwrap(), 0);
    }
    assert_eq!(world.blobs_now().await.len(), 2);
}

#[tokio::test]
async fn nothing_is_removed_if_most_blobs_are_of_no_dossier() {
    let world = World::unlimited();
    let alice = with_document(&world, "alice@example.com").await;
    for number in 0..20 {
        world.stray(alice.id(), number).await;
    }
    let mut sweep = Sweep::default();
    for _ in 0..4 {
        assert_eq!(sweep_once(&world.documents, &mut sweep).await.unwrap(), 0);
        world.advance(Duration::hours(1));
    }
    for number in 0..19 {
        with_document(&world, &format!("user{number}@example.com")).await;
    }
    assert_eq!(sweep_once(&world.documents, &mut sweep).await.unwrap(), 0, "on the word of one scan");
    world.advance(Duration::hours(1));
    assert_eq!(sweep_once(&world.documents, &mut sweep).await.unwrap(), 20);
    assert_eq!(world.blobs_now().await.len(), 20);
}

#[tokio::test]
async fn a_few_blobs_of_no_dossier_are_removed_though_they_are_most() {
    let world = World::unlimited();
    let alice = with_document(&world, "alice@example.com").await;
    for number in 0..19 {
        world.stray(alice.id(), number).await;
    }
    assert_eq!(world.sweep().await.unwrap(), 19);
    assert_eq!(world.blobs_now().await, world.referenced(alice.id()).await);
}

#[tokio::test]
async fn the_blobs_of_an_account_that_is_removed_go_at_once() {
    for remover in ["itself", "a root", "an operator"] {
        let world = World::unlimited();
        let alice = with_document(&world, "alice@example.com").await;
        let bob = with_document(&world, "bob@example.com").await;
        match remover {
            "itself" => world.app.remove_self(&world.caller(&alice).await.unwrap()).await.unwrap(),
            "a root" => {
                let (_, root) = world.a_caller("root@example.com", Role::Root).await;
                let user = world.authority(&root, alice.id()).await.unwrap();
                world.app.remove_account(user).await.unwrap();
            }
            _ => world.app.remove_account(Operator::at_the_console().authority_over(alice.id())).await.unwrap(),
        }
        world.documents.remove_discarded().await.unwrap();
        assert_eq!(world.blobs_now().await, world.referenced(bob.id()).await, "{remover}");
    }
}

#[tokio::test]
async fn the_blobs_of_an_account_that_went_are_swept() {
    let world = World::unlimited();
    let alice = with_document(&world, "alice@example.com").await;
    with_document(&world, "bob@example.com").await;
    let mut unit = world.store.write().await.unwrap();
    unit.accounts().remove(alice.id()).await.unwrap();
    unit.commit().await.unwrap();
    world.advance(Duration::hours(2));
    assert_eq!(world.sweep().await.unwrap(), 1);
    assert_eq!(world.blobs_now().await.len(), 1);
}

#[tokio::test]
async fn a_sweep_goes_on_where_it_was_in_bounded_parts() {
    let world = World::unlimited();
    let alice = with_document(&world, "alice@example.com").await;
    for number in 0..600 {
        world.stray(alice.id(), number).await;
    }
    let mut kept = world.referenced(alice.id()).await;
    for number in 0..600 {
        let account = with_document(&world, &format!("user{number}@example.com")).await;
        kept.extend(world.referenced(account.id()).await);
    }
    let mut sweep = Sweep::default();
    assert_eq!(sweep_once(&world.documents, &mut sweep).await.unwrap(), 0);
    world.advance(Duration::hours(1));
    let mut parts = Vec::new();
    loop {
        let swept = world.documents.sweep(&mut sweep).await.unwrap();
        parts.push(swept.removed);
        if swept.is_done {
            break;
        }
    }
    assert_eq!(parts, [0, 0, 0, 0, 500, 100]);
    assert_eq!(world.blobs_now().await, kept);
}

/// A store whose plain reads are answered by a server that is behind.
struct Behind {
    real: Arc<dyn Store>,
    old: MemoryStore,
}

#[async_trait]
impl Store for Behind {
    fn read(&self) -> &dyn ReadView {
        self.old.read()
    }

    async fn write(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        self.real.write().await
    }

    fn sessions(&self) -> &dyn AdvanceSessions {
        self.real.sessions()
    }

    fn conversations(&self) -> &dyn Conversations {
        self.real.conversations()
    }

    async fn export(&self) -> Result<Box<dyn Export + '_>, StoreError> {
        self.real.export().await
    }

    async fn import(&self) -> Result<Option<Box<dyn Import + '_>>, StoreError> {
        self.real.import().await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.real.ping().await
    }

    async fn migrate(&self) -> Result<(), StoreError> {
        self.real.migrate().await
    }

    async fn migrations(&self) -> Result<Vec<MigrationStatus>, StoreError> {
        self.real.migrations().await
    }

    async fn servers(&self) -> Result<Vec<String>, StoreError> {
        self.real.servers().await
    }

    fn pool_usage(&self) -> PoolUsage {
        self.real.pool_usage()
    }

    async fn close(&self) {
        self.real.close().await;
    }
}

#[tokio::test]
async fn a_read_that_is_behind_removes_nothing() {
    let world = World::unlimited();
    let alice = with_document(&world, "alice@example.com").await;
    let stray = world.stray(alice.id(), 1).await;
    let mut behind = World::with_ports(vestibule_application::Policy::default(), |core, _| {
        core.store = Arc::new(Behind { real: Arc::clone(&world.store), old: MemoryStore::new() });
    });
    behind.share_blobs(&world.blobs);
    assert_eq!(behind.sweep().await.unwrap(), 1);
    assert!(!world.blobs_now().await.contains(&stray));
    assert_eq!(world.blobs_now().await, world.referenced(alice.id()).await);
}

#[tokio::test]
async fn without_the_store_nothing_is_removed() {
    let world = World::unlimited();
    let alice = with_document(&world, "alice@example.com").await;
    world.stray(alice.id(), 1).await;
    world.advance(Duration::hours(2));
    let broken = World::with_ports(vestibule_application::Policy::default(), |core, _| {
        core.store = Arc::new(BrokenStore::Away);
    });
    let ports = DocumentsPorts { blobs: Arc::clone(&world.blobs) };
    let documents = Documents::new(Arc::clone(broken.app.core()), ports);
    broken.advance(Duration::hours(2));
    let failed = documents.sweep(&mut Sweep::default()).await;
    assert!(matches!(failed, Err(Fault::Unavailable(_))), "{failed:?}");
    assert_eq!(world.blobs_now().await.len(), 2);
}

/// Blobs that can be listed and not removed.
struct Stubborn(Arc<dyn Blobs>);

#[async_trait]
impl Blobs for Stubborn {
    async fn create(&self, name: BlobName) -> Result<Box<dyn BlobWriter>, BlobError> {
        self.0.create(name).await
    }

    async fn open(&self, name: BlobName) -> Result<Option<Box<dyn BlobReader>>, BlobError> {
        self.0.open(name).await
    }

    async fn remove(&self, _name: BlobName) -> Result<(), BlobError> {
        Err(BlobError::Unavailable("away".into()))
    }

    fn scan(&self) -> Box<dyn BlobScan> {
        self.0.scan()
    }

    async fn ping(&self) -> Result<(), BlobError> {
        self.0.ping().await
    }
}

#[tokio::test]
async fn what_cannot_be_removed_now_is_swept_later() {
    let world = World::unlimited();
    let alice = with_document(&world, "alice@example.com").await;
    let caller = world.caller(&alice).await.unwrap();
    let stubborn = DocumentsPorts { blobs: Arc::new(Stubborn(Arc::clone(&world.blobs))) };
    let documents = Documents::new(Arc::clone(world.app.core()), stubborn);
    documents.remove(&caller, tax_id(alice.id())).await.unwrap();
    documents.remove_discarded().await.unwrap();
    assert_eq!(world.blobs_now().await.len(), 1);
    let mut sweep = Sweep::default();
    for _ in 0..3 {
        assert_eq!(sweep_once(&documents, &mut sweep).await.unwrap(), 0);
        world.advance(Duration::hours(1));
    }
    assert_eq!(sweep_once(&world.documents, &mut sweep).await.unwrap(), 1);
}
