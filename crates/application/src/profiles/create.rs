//! Making a profile, by staff.

use vestibule_domain::{Permission, Profile};

use super::{ContentEdit, ProfileError, Profiles, check_may, edit::Making};
use crate::Caller;

/// The profile to make.
#[derive(Debug, Clone)]
pub struct CreateProfile {
    /// What it is made of; without a name it is refused.
    pub content: ContentEdit,
    /// Whether a decision is asked for at once.
    pub is_submitted: bool,
    /// Whether it is to be public at once; counts only for a caller who may approve.
    pub is_approved: bool,
}

impl Profiles {
    /// Makes a profile, a draft or submitted, and public if the caller may approve.
    pub async fn create(&self, caller: &Caller, input: CreateProfile) -> Result<Profile, ProfileError> {
        check_may(caller, Permission::ProfileAdd)?;
        let is_approved = input.is_approved && check_may(caller, Permission::ProfileManage).is_ok();
        let making = Making { author: Some(caller), is_submitted: input.is_submitted, is_approved };
        self.make(making, input.content).await
    }
}
