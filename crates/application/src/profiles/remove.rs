//! Removing a profile.

use vestibule_domain::{Permission, ProfileId};

use super::{ProfileError, Profiles, check_may};
use crate::Caller;

impl Profiles {
    /// Removes a profile with its changes; its pictures go soon after.
    pub async fn remove(&self, caller: &Caller, id: ProfileId) -> Result<(), ProfileError> {
        check_may(caller, Permission::ProfileDelete)?;
        let mut unit = self.core.begin().await?;
        let profile = unit.profiles().find_for_update(id).await?.ok_or(ProfileError::NotFound)?;
        unit.profiles().remove(id).await?;
        unit.release(profile.blobs(), []);
        unit.commit().await?;
        Ok(())
    }
}
