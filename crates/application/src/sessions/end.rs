//! Signing out.

use crate::{Caller, Fault, Identity, Principal};

impl Identity {
    /// Ends every session of the caller's account; access tokens that belong to one end with it.
    pub async fn sign_out(&self, caller: &Caller) -> Result<(), Fault> {
        let mut unit = self.core.begin().await?;
        unit.sessions().remove_of_account(caller.id()).await?;
        Ok(unit.commit().await?)
    }

    /// Ends the session that the token of the request belongs to, and no other.
    pub async fn sign_out_of_session(&self, principal: &Principal) -> Result<(), Fault> {
        let Some(sitting) = principal.sitting() else { return Ok(()) };
        let mut unit = self.core.begin().await?;
        unit.sessions().remove(sitting.id).await?;
        Ok(unit.commit().await?)
    }
}
