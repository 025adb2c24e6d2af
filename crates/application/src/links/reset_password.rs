//! Setting a new password by a link.

use vestibule_domain::{EmailAddress, NewPassword, Origin};

use super::{LinkError, LinkPurpose};
use crate::{
    Application, Language,
    events::Cause,
    passwords::{self, NewHash, end_resets},
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
    /// The new password.
    pub password: NewPassword,
}

impl Application {
    /// Spends the link and sets the password; every earlier token ends, the mailbox is proven, and the owner gets a
    /// notice. An account that signs in through providers only does not get a password by this.
    pub async fn reset_password_by_link(&self, input: ResetPasswordByLink) -> Result<(), LinkError> {
        let now = self.now();
        let hash = self.ports.hasher.hash(&input.password).await?;
        let digest = self.token_digest(&input.token);

        let mut unit = self.ports.store.write().await?;
        let token = unit.tokens().consume(&digest, LinkPurpose::ResetPassword.token(), now).await?;
        let token = token.ok_or(LinkError::Invalid)?;
        let account = unit.accounts().find_for_update(token.account).await?;
        let mut account = account.filter(|account| *account.email() == input.email).ok_or(LinkError::Invalid)?;
        account.prove_mailbox(now);
        if account.password().is_some() {
            passwords::check_for(account.role(), &input.password)?;
            let notice = self.password_notice(&account, Language::English, now)?;
            let new = NewHash { hash, cause: Cause::anyone(input.origin) };
            self.set_password(unit.as_mut(), &mut account, new, now).await?;
            self.post(unit.as_mut(), notice).await?;
        } else {
            account.end_tokens(self.new_subject(), now);
            unit.accounts().update(&account).await?;
            end_resets(unit.as_mut(), &account).await?;
        }
        unit.commit().await?;
        self.mail_written.notify_one();
        Ok(())
    }
}
