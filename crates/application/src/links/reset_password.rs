//! Setting a new password by a link.

use vestibule_domain::{EmailAddress, NewPassword, Origin};

use super::{LinkError, LinkPurpose};
use crate::{
    Identity, Language,
    password_reset::{SpentToken, TokenHolder},
    passwords::{self, end_resets},
    proofs::Proof,
};

/// A link that was opened, with the new password.
#[derive(Debug)]
pub struct ResetPasswordByLink {
    /// Where the request came from.
    pub origin: Origin,
    /// The token of the link.
    pub token: String,
    /// The address that the link was mailed to.
    pub email: EmailAddress,
    pub password: NewPassword,
}

impl Identity {
    /// Spends the link and sets the password; every earlier token ends, the mailbox is proven, and the owner gets a
    /// notice. An account that signs in through providers only does not get a password by this. A link that is no good
    /// costs no hash.
    pub async fn reset_password_by_link(&self, input: ResetPasswordByLink) -> Result<(), LinkError> {
        let now = self.core.now();
        let holder = TokenHolder {
            origin: input.origin,
            token: &input.token,
            purpose: LinkPurpose::ResetPassword.token(),
            account: None,
            email: Some(&input.email),
            password: &input.password,
        };
        let spent = self.spend_on_password(holder, now).await?.ok_or(LinkError::Invalid)?;
        if spent.account.password().is_some() {
            passwords::check_for(spent.account.role(), &input.password)?;
            return Ok(self.set_password_by_token(spent, Language::English, now).await?);
        }
        let SpentToken { mut unit, mut account, new } = spent;
        account.end_tokens(self.new_epoch(), now);
        self.prove_mailbox(&mut unit, &mut account, Proof::DropsUnproven(new.cause), now).await?;
        end_resets(&mut unit, account.id()).await?;
        Ok(unit.commit().await?)
    }
}
