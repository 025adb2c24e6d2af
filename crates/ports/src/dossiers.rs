//! Storage of dossiers.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{AccountId, Dossier, PhoneNumber, dossier::ReviewState};

use crate::{Page, SealedDocumentKey, StoreError};

/// Which dossiers to list; a draft is in no list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueFilter {
    /// Those about which a decision is due ([`ReviewState::is_open`]).
    Open,
    /// Those that no reviewer holds: submitted and resubmitted. A hold that ran out counts until another reviewer takes the
    /// dossier.
    Waiting,
    /// Those that a reviewer holds.
    HeldBy(AccountId),
    /// Those of one state.
    In(ReviewState),
}

/// The place of a dossier among those that were submitted: the oldest submission first, of the same moment the account that
/// was created first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct QueuePlace {
    /// When it was submitted.
    pub submitted_at: OffsetDateTime,
    /// Whose it is.
    pub account: AccountId,
}

impl QueuePlace {
    /// The place of a dossier; none of a draft.
    pub fn of(dossier: &Dossier) -> Option<Self> {
        let submitted_at = dossier.review.record().submitted_at?;
        Some(Self { submitted_at, account: dossier.account })
    }
}

/// A part of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueuePage {
    /// Only what comes after this place.
    pub after: Option<QueuePlace>,
    /// The most dossiers; at most 1000 are given.
    pub limit: u32,
}

/// Dossiers, read outside a unit of work.
#[async_trait]
pub trait ReadDossiers: Send + Sync {
    /// The dossier of an account, if it has one.
    async fn find(&self, account: AccountId) -> Result<Option<Dossier>, StoreError>;
    /// The dossiers of many accounts, in no particular order; accounts without one are absent.
    async fn find_many(&self, accounts: &[AccountId]) -> Result<Vec<Dossier>, StoreError>;
    /// A page of submitted dossiers, the oldest submission first.
    async fn queue(&self, filter: QueueFilter, page: QueuePage) -> Result<Page<Dossier>, StoreError>;
    /// The key of the documents of a dossier, if it has one.
    async fn document_key(&self, account: AccountId) -> Result<Option<SealedDocumentKey>, StoreError>;
}

/// Dossiers, inside a unit of work.
#[async_trait]
pub trait Dossiers: Send {
    /// The dossier of an account, if it has one, locked until the unit ends. Units that may make one, or change its fields,
    /// have locked its account before, for a dossier that is not there cannot be locked; those of a review lock dossiers only.
    async fn find(&mut self, account: AccountId) -> Result<Option<Dossier>, StoreError>;
    /// Stores a dossier in the place of any earlier one of its account, whose key of documents stays; `Conflict` if another
    /// account has the telephone number, after which the unit is still usable.
    async fn replace(&mut self, dossier: &Dossier) -> Result<(), StoreError>;
    /// Takes, as [`Dossier::hold`] does, the oldest submission that no hold protects ([`HoldBounds`]), that is not the
    /// reviewer's own, and that they have not accepted first: as it then is, or none. Concurrent calls never get the same.
    /// What another unit is just changing may be passed over, unless there is nothing else.
    ///
    /// [`HoldBounds`]: vestibule_domain::dossier::HoldBounds
    async fn take_next(
        &mut self,
        reviewer: AccountId,
        now: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<Option<Dossier>, StoreError>;
    /// The key of the documents of a dossier, in one atomic step: the one that it has, or this one from now on if it has none,
    /// or the one that the caller found to be broken. None if the account has no dossier.
    async fn keep_document_key(
        &mut self,
        account: AccountId,
        key: &SealedDocumentKey,
        broken: Option<&SealedDocumentKey>,
    ) -> Result<Option<SealedDocumentKey>, StoreError>;
    /// Takes a telephone number from the dossier of the provisional account that has it ([`Account::is_provisional`]);
    /// false if there is none.
    ///
    /// [`Account::is_provisional`]: vestibule_domain::Account::is_provisional
    async fn release_phone(&mut self, phone: &PhoneNumber) -> Result<bool, StoreError>;
}
