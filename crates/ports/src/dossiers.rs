//! Storage of dossiers.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{AccountId, Dossier, PhoneNumber, dossier::ReviewState};

use crate::{Page, SealedDocumentKey, StoreError};

/// Which dossiers to list; a draft is in no list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueFilter {
    /// Dossiers that await a decision ([`ReviewState::is_open`]).
    Open,
    /// Dossiers that no reviewer holds: submitted and resubmitted. An expired hold still counts as held until another
    /// reviewer takes the dossier.
    Waiting,
    /// Dossiers that this reviewer holds.
    HeldBy(AccountId),
    /// Dossiers in this state.
    In(ReviewState),
}

/// The place of a dossier in the queue: the oldest submission first, then the account that was created first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct QueuePlace {
    /// When it was submitted.
    pub submitted_at: OffsetDateTime,
    /// The account that the dossier belongs to.
    pub account: AccountId,
}

impl QueuePlace {
    /// The place of a dossier; none for a draft.
    pub fn of(dossier: &Dossier) -> Option<Self> {
        let submitted_at = dossier.review.record().submitted_at?;
        Some(Self { submitted_at, account: dossier.account })
    }
}

/// A part of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueuePage {
    /// Only dossiers after this place.
    pub after: Option<QueuePlace>,
    /// The most dossiers to return, capped at 1000; 0 returns none.
    pub limit: u32,
}

/// Dossiers, read outside a unit of work.
#[async_trait]
pub trait ReadDossiers: Send + Sync {
    /// The dossier of an account, if it has one.
    async fn find(&self, account: AccountId) -> Result<Option<Dossier>, StoreError>;
    /// The dossiers of these accounts, in no particular order; accounts without one are absent.
    async fn find_many(&self, accounts: &[AccountId]) -> Result<Vec<Dossier>, StoreError>;
    /// A page of submitted dossiers, the oldest submission first.
    async fn queue(&self, filter: QueueFilter, page: QueuePage) -> Result<Page<Dossier>, StoreError>;
    /// The key of a dossier's documents, if it has one.
    async fn document_key(&self, account: AccountId) -> Result<Option<SealedDocumentKey>, StoreError>;
}

/// Dossiers, inside a unit of work.
#[async_trait]
pub trait Dossiers: Send {
    /// The dossier of an account, if it has one, locked until the unit ends. A missing dossier cannot be locked, so a unit
    /// that may create one or change its fields must lock the account first. Units of a review lock dossiers only.
    async fn find(&mut self, account: AccountId) -> Result<Option<Dossier>, StoreError>;
    /// Stores a dossier and replaces any earlier one of its account, except its document key; times are cut to whole
    /// microseconds. `Conflict` if another account has the telephone number, after which the unit is still usable.
    async fn replace(&mut self, dossier: &Dossier) -> Result<(), StoreError>;
    /// Takes a dossier as [`Dossier::hold`] does and returns it as it then is, or none. It is the oldest submission that no
    /// hold protects ([`HoldBounds`]), that is not the reviewer's own, and that they have not already accepted first.
    /// Concurrent calls never get the same dossier. One that another unit is changing may be skipped, unless there is no
    /// other.
    ///
    /// [`HoldBounds`]: vestibule_domain::dossier::HoldBounds
    async fn take_next(
        &mut self,
        reviewer: AccountId,
        now: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<Option<Dossier>, StoreError>;
    /// The document key of a dossier, in one atomic step. `key` becomes the key if the dossier has none, or has the one
    /// that the caller found `broken`; otherwise the present key stays. Returns the key then in force, or none if the
    /// account has no dossier.
    async fn keep_document_key(
        &mut self,
        account: AccountId,
        key: &SealedDocumentKey,
        broken: Option<&SealedDocumentKey>,
    ) -> Result<Option<SealedDocumentKey>, StoreError>;
    /// Takes a telephone number away from the dossier of the provisional account that has it ([`Account::is_provisional`]);
    /// false if there is none.
    ///
    /// [`Account::is_provisional`]: vestibule_domain::Account::is_provisional
    async fn release_phone(&mut self, phone: &PhoneNumber) -> Result<bool, StoreError>;
}
