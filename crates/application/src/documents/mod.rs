//! Documents of dossiers that are stored here: sealed, under names of ours, and served as they came.
//!
//! A content goes to its blob first and into the dossier last, in one unit: a row without a blob never is, and a blob without
//! a row is removed, soon by [`Documents::remove_discarded`], and at the latest by [`Documents::sweep`].

mod content;
mod discard;
mod download;
mod keys;
mod remove;
mod sweep;
mod under_way;
mod upload;

use std::sync::Arc;

pub(crate) use discard::{Discarded, Orphan};
pub use download::DocumentContent;
pub use sweep::{Sweep, Swept};
use under_way::UnderWay;
pub use upload::{Chunks, Truncated};
use vestibule_domain::{AccountId, dossier::DocumentField};
use vestibule_ports::{BlobError, Blobs, SealBroken, StoreError};

use crate::{
    Caller, Core,
    fault::{Fault, faults_into},
    rights::may_handle_documents,
};

/// The adapters that only this context works with.
#[derive(Clone)]
pub struct DocumentsPorts {
    /// Where the contents are.
    pub blobs: Arc<dyn Blobs>,
}

/// Every use case of stored documents as a method; cheap to share, never cloned.
pub struct Documents {
    core: Arc<Core>,
    ports: DocumentsPorts,
    under_way: UnderWay,
}

/// Which document is meant.
#[derive(Debug, Clone, Copy)]
pub struct DocumentOf {
    /// Whose dossier it belongs to.
    pub owner: AccountId,
    /// The field of the dossier.
    pub field: DocumentField,
}

/// Why a document was not stored, read or removed.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The caller has not the right. Whether the account exists is not told.
    #[error("the caller has not the right")]
    Forbidden,
    /// There is no such account, or no longer.
    #[error("there is no such account")]
    UnknownAccount,
    /// The caller's tokens ended in the meantime.
    #[error("the caller is no longer signed in")]
    SignedOut,
    /// No document is stored for the field.
    #[error("there is no such document")]
    NotFound,
    /// The content has more than [`Documents::MAX_BYTES`].
    #[error("the document is too large")]
    TooLarge,
    /// The content is of a type that is not stored.
    #[error("neither PDF nor PNG nor JPEG")]
    UnsupportedMedia,
    /// The content has no byte.
    #[error("the document is empty")]
    Empty,
    /// The content did not come to its end.
    #[error("the document was cut off")]
    Truncated,
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(DocumentError: StoreError, BlobError, SealBroken);

impl Documents {
    /// The most bytes of a document.
    pub const MAX_BYTES: u64 = 10 * 1_024 * 1_024;

    /// Builds the facade.
    pub fn new(core: Arc<Core>, ports: DocumentsPorts) -> Self {
        Self { core, ports, under_way: UnderWay::default() }
    }

    /// Asks whether the blobs can be reached.
    pub async fn ping_blobs(&self) -> Result<(), Fault> {
        Ok(self.ports.blobs.ping().await?)
    }

    /// Whether the caller may store and read a document of an account that exists, to be asked before what was sent is
    /// looked at.
    pub async fn check_may_handle(&self, caller: &Caller, document: DocumentOf) -> Result<(), DocumentError> {
        Self::admit(caller, document)?;
        self.must_exist(caller, document).await
    }

    /// Refuses a caller that has not the right, before anything is read.
    fn admit(caller: &Caller, document: DocumentOf) -> Result<(), DocumentError> {
        if may_handle_documents(caller.account(), document.owner) { Ok(()) } else { Err(DocumentError::Forbidden) }
    }

    /// Refuses an account that does not exist. A caller's own exists: it was read to authenticate the caller.
    async fn must_exist(&self, caller: &Caller, document: DocumentOf) -> Result<(), DocumentError> {
        let exists = caller.id() == document.owner || self.core.read().accounts().find(document.owner).await?.is_some();
        if exists { Ok(()) } else { Err(DocumentError::UnknownAccount) }
    }
}
