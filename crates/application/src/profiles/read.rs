//! Reading and finding profiles.

use vestibule_domain::{
    Permission, Profile, ProfileId,
    profile::{ProfileChange, ProfileFilter, ProfileState},
};
use vestibule_ports::{Around, CountedProfiles, NearProfile, Page, ProfileSummary, ProfileWindow};

use super::{ProfileError, Profiles, check_may, sees_unapproved};
use crate::{Caller, Fault, Principal};

impl Profiles {
    /// A profile; one that is not public only for an account that may see it.
    pub async fn show(&self, reader: Option<&Principal>, id: ProfileId) -> Result<Profile, ProfileError> {
        self.seen(reader, id).await?.ok_or(ProfileError::NotFound)
    }

    /// The public profiles.
    pub async fn list_public(&self, window: ProfileWindow) -> Result<CountedProfiles, Fault> {
        Ok(self.core.read().profiles().list(ProfileState::Approved, window).await?)
    }

    /// The profiles about which a decision is due, for an account that may see them.
    pub async fn list_submitted(
        &self,
        reader: &Principal,
        window: ProfileWindow,
    ) -> Result<CountedProfiles, ProfileError> {
        if !sees_unapproved(Some(reader)) {
            return Err(ProfileError::Forbidden(Permission::ProfileView));
        }
        Ok(self.core.read().profiles().list(ProfileState::Submitted, window).await?)
    }

    /// The public profiles that a filter fits, for an account that may read profiles, and for a client that did not sign in.
    pub async fn find(
        &self,
        reader: &Principal,
        filter: &ProfileFilter,
        window: ProfileWindow,
    ) -> Result<Vec<ProfileSummary>, ProfileError> {
        if let Principal::Account(caller) = reader {
            check_may(caller, Permission::ProfileView)?;
        }
        if filter.is_void() {
            return Ok(Vec::new());
        }
        Ok(self.core.read().profiles().search(filter, window).await?)
    }

    /// The public profiles around a point that a filter fits, the nearest first.
    pub async fn near(
        &self,
        around: Around,
        filter: &ProfileFilter,
        window: ProfileWindow,
    ) -> Result<Vec<NearProfile>, Fault> {
        if filter.is_void() {
            return Ok(Vec::new());
        }
        Ok(self.core.read().profiles().near(around, filter, window).await?)
    }

    /// The changes of a profile, the last first, of those below a number; for an account that may read profiles.
    pub async fn history(
        &self,
        caller: &Caller,
        id: ProfileId,
        (below, limit): (Option<u64>, u32),
    ) -> Result<Page<ProfileChange>, ProfileError> {
        check_may(caller, Permission::ProfileView)?;
        Ok(self.core.read().profiles().history(id, below, limit).await?)
    }
}
