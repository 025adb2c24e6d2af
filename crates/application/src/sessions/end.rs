//! Signing out.

use crate::{Caller, Fault, Identity};

impl Identity {
    /// Ends every session of the caller's account; access tokens that belong to one end with it.
    pub async fn sign_out(&self, caller: &Caller) -> Result<(), Fault> {
        let mut unit = self.core.begin().await?;
        unit.sessions().remove_of_account(caller.id()).await?;
        Ok(unit.commit().await?)
    }
}
