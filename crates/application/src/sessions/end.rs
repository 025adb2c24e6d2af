//! Signing out.

use crate::{Application, Caller, Fault};

impl Application {
    /// Ends every session of refresh tokens of the caller's account; access tokens that belong to one end with it.
    pub async fn sign_out(&self, caller: &Caller) -> Result<(), Fault> {
        let mut unit = self.begin().await?;
        unit.sessions().remove_of_account(caller.id()).await?;
        Ok(unit.commit().await?)
    }
}
