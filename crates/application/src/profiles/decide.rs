//! Deciding about a profile, and undoing that.

use time::OffsetDateTime;
use vestibule_domain::{EventKind, Permission, Profile, ProfileId, profile::ProfileRejection};

use super::{ProfileError, Profiles, check_may};
use crate::{Caller, events::Cause, unit::Unit};

/// A step of the moderation.
pub(super) enum Step {
    Approve,
    Reject(ProfileRejection),
    Reopen,
}

impl Profiles {
    /// Makes a profile public; again changes nothing.
    pub async fn approve(&self, caller: &Caller, id: ProfileId) -> Result<Profile, ProfileError> {
        self.decide(caller, id, Step::Approve).await
    }

    /// Refuses a profile about which a decision is due; again changes nothing.
    pub async fn reject(
        &self,
        caller: &Caller,
        id: ProfileId,
        rejection: ProfileRejection,
    ) -> Result<Profile, ProfileError> {
        self.decide(caller, id, Step::Reject(rejection)).await
    }

    /// Undoes an approval or a rejection, so that a decision is due; again changes nothing.
    pub async fn reopen(&self, caller: &Caller, id: ProfileId) -> Result<Profile, ProfileError> {
        self.decide(caller, id, Step::Reopen).await
    }

    async fn decide(&self, caller: &Caller, id: ProfileId, step: Step) -> Result<Profile, ProfileError> {
        check_may(caller, Permission::ProfileManage)?;
        let now = self.core.now();
        let mut unit = self.core.begin().await?;
        let mut profile = unit.profiles().find_for_update(id).await?.ok_or(ProfileError::NotFound)?;
        if self.take(&mut unit, &mut profile, (caller, now), step).await? {
            unit.commit().await?;
        }
        Ok(profile)
    }

    /// Takes a step with a profile that is locked, and records who did; whether anything changed.
    pub(super) async fn take(
        &self,
        unit: &mut Unit,
        profile: &mut Profile,
        (moderator, now): (&Caller, OffsetDateTime),
        step: Step,
    ) -> Result<bool, ProfileError> {
        let changes = match step {
            Step::Approve => profile.approve(moderator.id(), now),
            Step::Reject(rejection) => profile.reject(rejection, moderator.id(), now)?,
            Step::Reopen => profile.reopen(moderator.id(), now)?,
        };
        if changes.is_empty() {
            return Ok(false);
        }
        unit.profiles().replace(profile, &changes).await?;
        self.core.record(unit, Cause::from(moderator).of(EventKind::ProfileDecision, None), now).await?;
        Ok(true)
    }
}
