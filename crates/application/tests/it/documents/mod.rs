//! Stored documents: who may, what is taken, what stays.

mod adopted;
mod broken_off;
mod contents;
mod meanwhile;
mod sweeps;
mod under_way;

use std::collections::{BTreeSet, VecDeque};

use time::{Duration, OffsetDateTime};
use vestibule_application::{
    Caller, Documents, Fault,
    documents::{Chunks, DocumentError, DocumentOf, Sweep, Truncated},
    own_account::UpdateSelf,
};
use vestibule_domain::{
    Account, AccountId, BlobName, Dossier, DossierChange, Role,
    dossier::{Detail, Document, DocumentField, Field, StoredDocument, Value},
};

use crate::support::World;

pub(crate) const PDF: &[u8] = b"%PDF-1.7\na document";

/// A source of pieces that counts how many were pulled, and may break off.
pub(crate) struct Pieces {
    left: VecDeque<Vec<u8>>,
    breaks_off: bool,
    pub(crate) pulled: usize,
}

impl Pieces {
    pub(crate) fn of(pieces: &[&[u8]]) -> Self {
        Self { left: pieces.iter().map(|piece| piece.to_vec()).collect(), breaks_off: false, pulled: 0 }
    }

    /// A PDF of a size, in pieces of 64 KiB.
    pub(crate) fn sized(size: usize) -> Self {
        Self::of(&pdf(size).chunks(64 * 1_024).collect::<Vec<_>>())
    }

    pub(crate) fn broken_off(mut self) -> Self {
        self.breaks_off = true;
        self
    }
}

/// A PDF of a size.
pub(crate) fn pdf(size: usize) -> Vec<u8> {
    let period: Vec<u8> = (0..=250).collect();
    let mut content = period.repeat(size.div_ceil(period.len()));
    content.truncate(size);
    content[..PDF.len()].copy_from_slice(PDF);
    content
}

impl Chunks for &mut Pieces {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Truncated> {
        let piece = self.left.pop_front();
        self.pulled += usize::from(piece.is_some());
        if piece.is_none() && self.breaks_off { Err(Truncated) } else { Ok(piece) }
    }
}

pub(crate) fn tax_id(owner: AccountId) -> DocumentOf {
    DocumentOf { owner, field: DocumentField::new(Field::TaxId).unwrap() }
}

pub(crate) fn detail(text: &str) -> Detail {
    Detail::parse(text).unwrap()
}

impl World {
    /// An account of a role and a caller that is it.
    pub(crate) async fn a_caller(&self, address: &str, role: Role) -> (Account, Caller) {
        let account = self.with_account(address, role).await;
        let caller = self.caller(&account).await.unwrap();
        (account, caller)
    }

    pub(crate) async fn upload(
        &self,
        caller: &Caller,
        of: DocumentOf,
        content: &[u8],
    ) -> Result<StoredDocument, DocumentError> {
        self.documents.upload(caller, of, &mut Pieces::of(&[content])).await
    }

    pub(crate) async fn download(&self, caller: &Caller, of: DocumentOf) -> Result<Vec<u8>, DocumentError> {
        let mut content = self.documents.download(caller, of).await?;
        let mut bytes = Vec::new();
        while let Some(piece) = content.next().await? {
            bytes.extend(piece);
        }
        Ok(bytes)
    }

    pub(crate) async fn dossier(&self, account: AccountId) -> Dossier {
        self.store.read().dossiers().find(account).await.unwrap().unwrap_or_else(|| Dossier::empty(account))
    }

    /// Every blob.
    pub(crate) async fn blobs_now(&self) -> BTreeSet<BlobName> {
        let mut scan = self.blobs.scan();
        scan.next(2_000).await.unwrap().iter().map(|blob| blob.name).collect()
    }

    /// The blobs that the dossier of an account refers to.
    pub(crate) async fn referenced(&self, account: AccountId) -> BTreeSet<BlobName> {
        self.dossier(account).await.blobs().collect()
    }

    /// Sweeps to the end, and once more after an hour; how many blobs were removed.
    pub(crate) async fn sweep(&self) -> Result<u64, Fault> {
        let mut sweep = Sweep::default();
        assert_eq!(sweep_once(&self.documents, &mut sweep).await?, 0, "by a single look");
        self.advance(Duration::hours(1));
        sweep_once(&self.documents, &mut sweep).await
    }

    /// The owner says of a field what it holds, by another use case.
    pub(crate) async fn tell(&self, caller: &Caller, field: Field, value: Option<Value>) {
        let mut dossier = DossierChange::default();
        dossier.put(field, value).unwrap();
        self.app.update_self(caller, UpdateSelf { dossier, ..UpdateSelf::default() }).await.unwrap();
    }
}

/// Goes on with a sweep to its end; how many blobs were removed.
pub(crate) async fn sweep_once(documents: &Documents, sweep: &mut Sweep) -> Result<u64, Fault> {
    let mut removed = 0;
    loop {
        let swept = documents.sweep(sweep).await?;
        removed += swept.removed;
        if swept.is_done {
            return Ok(removed);
        }
    }
}

#[tokio::test]
async fn an_uploaded_document_comes_back_and_is_sealed_where_it_lies() {
    let world = World::unlimited();
    let (account, caller) = world.a_caller("alice@example.com", Role::User).await;
    let of = tax_id(account.id());
    let stored = world.upload(&caller, of, PDF).await.unwrap();
    assert_eq!((stored.media_type.as_str(), stored.size_bytes), ("application/pdf", 19));
    let held = *world.dossier(account.id()).await.values.stored_document(of.field).unwrap();
    assert_eq!(held, stored);
    assert_eq!(world.download(&caller, of).await.unwrap(), PDF);
    let name = BlobName::of_document(account.id(), stored.blob);
    let mut reader = world.blobs.open(name).await.unwrap().unwrap();
    let sealed = reader.next().await.unwrap().unwrap();
    assert!(!sealed.windows(4).any(|window| PDF.windows(4).any(|shown| shown == window)), "in clear");
}

#[tokio::test]
async fn the_owner_an_admin_and_a_root_may_and_no_other() {
    let world = World::unlimited();
    let (alice, owner) = world.a_caller("alice@example.com", Role::User).await;
    let (_, stranger) = world.a_caller("bob@example.com", Role::User).await;
    let (_, admin) = world.a_caller("admin@example.com", Role::Admin).await;
    let (_, root) = world.a_caller("root@example.com", Role::Root).await;
    let of = tax_id(alice.id());
    for caller in [&owner, &admin, &root] {
        world.upload(caller, of, PDF).await.unwrap();
        assert_eq!(world.download(caller, of).await.unwrap(), PDF);
        world.documents.remove(caller, of).await.unwrap();
        assert!(matches!(world.download(caller, of).await, Err(DocumentError::NotFound)));
        world.upload(caller, of, PDF).await.unwrap();
    }
    let nobody = tax_id(AccountId::new(OffsetDateTime::UNIX_EPOCH, [1; 6]));
    for of in [of, nobody] {
        let mut content = Pieces::of(&[PDF]);
        let refused = world.documents.upload(&stranger, of, &mut content).await;
        assert!(matches!(refused, Err(DocumentError::Forbidden)), "{refused:?}");
        assert_eq!(content.pulled, 0, "the source was read");
        assert!(matches!(world.download(&stranger, of).await, Err(DocumentError::Forbidden)));
        assert!(matches!(world.documents.remove(&stranger, of).await, Err(DocumentError::Forbidden)));
    }
    let refused = world.upload(&admin, nobody, PDF).await;
    assert!(matches!(refused, Err(DocumentError::UnknownAccount)), "{refused:?}");
    assert!(matches!(world.download(&admin, nobody).await, Err(DocumentError::UnknownAccount)));
    assert!(matches!(world.documents.remove(&admin, nobody).await, Err(DocumentError::UnknownAccount)));
    assert_eq!(world.blobs_now().await.len(), 6, "those of the callers who may, before the rest is removed");
}

#[tokio::test]
async fn an_owner_whose_tokens_ended_meanwhile_stores_and_removes_nothing() {
    let world = World::unlimited();
    let (account, caller) = world.a_caller("alice@example.com", Role::User).await;
    let of = tax_id(account.id());
    world.upload(&caller, of, PDF).await.unwrap();
    world.app.end_own_tokens(&caller).await.unwrap();
    assert!(matches!(world.upload(&caller, of, PDF).await, Err(DocumentError::SignedOut)));
    assert!(matches!(world.documents.remove(&caller, of).await, Err(DocumentError::SignedOut)));
    world.documents.remove_discarded().await.unwrap();
    assert_eq!(world.blobs_now().await, world.referenced(account.id()).await);
    assert_eq!(world.blobs_now().await.len(), 1);
}

#[tokio::test]
async fn a_path_that_a_client_told_is_no_stored_document() {
    let world = World::unlimited();
    let (account, caller) = world.a_caller("alice@example.com", Role::User).await;
    let of = tax_id(account.id());
    let path = Value::Document(Document::Path(detail("papers/1.pdf")));
    world.tell(&caller, Field::TaxId, Some(path.clone())).await;
    assert!(matches!(world.download(&caller, of).await, Err(DocumentError::NotFound)));
    assert!(matches!(world.documents.remove(&caller, of).await, Err(DocumentError::NotFound)));
    assert_eq!(world.dossier(account.id()).await.values.get(Field::TaxId), Some(&path));
}

#[tokio::test]
async fn what_a_document_takes_the_place_of_is_gone_whatever_replaced_it() {
    let world = World::unlimited();
    let (account, caller) = world.a_caller("alice@example.com", Role::User).await;
    let of = tax_id(account.id());
    let path = Value::Document(Document::Path(detail("papers/1.pdf")));
    for end in ["another upload", "a path", "a clear", "a removal"] {
        world.upload(&caller, of, PDF).await.unwrap();
        world.tell(&caller, Field::City, Some(Value::Text(detail(end)))).await;
        let before = world.referenced(account.id()).await;
        world.documents.remove_discarded().await.unwrap();
        assert_eq!(world.blobs_now().await, before, "{end}: another field is no reason");
        match end {
            "another upload" => drop(world.upload(&caller, of, PDF).await.unwrap()),
            "a path" => world.tell(&caller, Field::TaxId, Some(path.clone())).await,
            "a clear" => world.tell(&caller, Field::TaxId, None).await,
            _ => world.documents.remove(&caller, of).await.unwrap(),
        }
        world.documents.discarded().await;
        world.documents.remove_discarded().await.unwrap();
        let left = world.blobs_now().await;
        assert!(left.is_disjoint(&before), "{end}");
        assert_eq!(left, world.referenced(account.id()).await, "{end}");
    }
}

#[tokio::test]
async fn two_first_uploads_at_once_are_sealed_under_one_key() {
    // Each sees that there is no key before any makes one.
    let world = broken_off::slow_world();
    let (account, caller) = world.a_caller("alice@example.com", Role::User).await;
    let fields: Vec<_> = DocumentField::all().take(4).collect();
    let of = |field| DocumentOf { owner: account.id(), field };
    let uploads = fields.iter().map(|field| world.upload(&caller, of(*field), PDF));
    for uploaded in futures_util::future::join_all(uploads).await {
        uploaded.unwrap();
    }
    for field in fields {
        assert_eq!(world.download(&caller, of(field)).await.unwrap(), PDF);
    }
}
