//! Profiles: the public hands them in and reads them, staff makes, changes and decides about them.
//!
//! Pictures are rendered and written to their blobs before the unit of work begins; the row that refers to them is committed
//! last. What no row refers to is swept with the documents.

mod create;
mod decide;
mod drop_stale;
mod edit;
mod edit_message;
mod input;
mod pictures;
mod read;
mod remove;
mod serve;
mod submit;

use std::sync::Arc;

pub use create::CreateProfile;
pub use edit::EditProfile;
pub use edit_message::EditMessage;
pub use input::{ContentEdit, DetailsEdit, MessageInput, PictureEdit, PictureInput};
pub use pictures::PicturePath;
pub use serve::ServedPicture;
pub use submit::{CountedSubmission, SubmitProfile};
use vestibule_domain::{Permission, Profile, ProfileId, Source, profile::WrongProfileState};
use vestibule_ports::{BlobError, Blobs, PictureError, PictureRenderer, SealBroken, StoreError};

use crate::{
    Caller, Core, Principal,
    fault::{Fault, faults_into},
    limits::{self, Limit},
    rights::{may_at_once, may_see_unapproved},
};

/// The adapters that only this context works with.
#[derive(Clone)]
pub struct ProfilesPorts {
    /// Where the pictures are.
    pub blobs: Arc<dyn Blobs>,
    /// Makes pictures anew.
    pub renderer: Arc<dyn PictureRenderer>,
}

/// Every use case of profiles as a method; cheap to share, never cloned.
pub struct Profiles {
    core: Arc<Core>,
    ports: ProfilesPorts,
    submissions: Limit<Source>,
}

/// Why a profile was not read, made or changed.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The caller has not this permission.
    #[error("the caller has not the permission {}", .0.as_str())]
    Forbidden(Permission),
    /// There is no such profile, or the caller may not see it.
    #[error("there is no such profile")]
    NotFound,
    /// The profile has no such message.
    #[error("there is no such message")]
    UnknownMessage,
    /// The profile has no such picture, or the caller may not see it.
    #[error("there is no such picture")]
    UnknownPicture,
    /// Nothing is to be changed.
    #[error("nothing is to be changed")]
    NothingToDo,
    /// More messages than a profile has.
    #[error("too many messages")]
    TooManyMessages,
    /// What was sent is not a picture that is taken.
    #[error("a picture is not taken")]
    BadPicture(#[source] BadPicture),
    /// The profile is not in a state for this decision.
    #[error(transparent)]
    WrongState(#[from] WrongProfileState),
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why a picture is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPicture {
    /// More bytes or pixels than allowed.
    #[error("the picture is too large")]
    TooLarge,
    /// Neither JPEG nor PNG nor WebP.
    #[error("not a JPEG, PNG or WebP picture")]
    Unsupported,
    /// It cannot be read to its end.
    #[error("the picture is damaged or cut off")]
    Broken,
    /// It names a picture that does not belong to this profile.
    #[error("the picture is not one of this profile")]
    Foreign,
}

faults_into!(ProfileError: StoreError, BlobError, SealBroken);

impl From<PictureError> for ProfileError {
    fn from(error: PictureError) -> Self {
        match error {
            PictureError::TooLarge => Self::BadPicture(BadPicture::TooLarge),
            PictureError::Unsupported => Self::BadPicture(BadPicture::Unsupported),
            PictureError::Broken => Self::BadPicture(BadPicture::Broken),
            error @ PictureError::Overloaded => Self::Fault(Fault::overloaded(error)),
            error @ PictureError::Failed(_) => Self::Fault(Fault::internal(error)),
        }
    }
}

impl Profiles {
    /// Builds the facade.
    pub fn new(core: Arc<Core>, ports: ProfilesPorts) -> Self {
        let submissions = limits::submissions(&core.ports.clock, &core.policy);
        Self { core, ports, submissions }
    }

    /// The account of a request, if it has a permission; a client that did not sign in has none.
    pub fn staff(&self, principal: Principal, permission: Permission) -> Result<Caller, ProfileError> {
        let caller = principal.caller().ok_or(ProfileError::Forbidden(permission))?;
        check_may(&caller, permission)?;
        Ok(caller)
    }

    /// The profile of an id as it is, for one that may see it.
    async fn seen(&self, reader: Option<&Principal>, id: ProfileId) -> Result<Option<Profile>, StoreError> {
        let profile = self.core.read().profiles().find(id).await?;
        Ok(profile.filter(|profile| profile.is_public() || sees_unapproved(reader)))
    }
}

/// Whether a reader sees profiles that are not public: an account that may, never a client that did not sign in.
fn sees_unapproved(reader: Option<&Principal>) -> bool {
    matches!(reader, Some(Principal::Account(caller)) if may_see_unapproved(caller.account()))
}

/// Refuses a caller without a permission.
fn check_may(caller: &Caller, permission: Permission) -> Result<(), ProfileError> {
    if may_at_once(caller.account(), permission) { Ok(()) } else { Err(ProfileError::Forbidden(permission)) }
}
