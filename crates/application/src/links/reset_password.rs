//! Setting a new password by a link.

use vestibule_domain::{EmailAddress, NewPassword};

use super::{LinkError, LinkPurpose};
use crate::{Application, password_reset::end_resets, passwords};

/// A link that was opened, with the new password.
#[derive(Debug)]
pub struct ResetPasswordByLink {
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
        let password = self.ports.hasher.hash(&input.password).await?;
        let notice = self.write_password_changed()?;
        let digest = self.token_digest(&input.token);

        let mut unit = self.ports.store.write().await?;
        let token = unit.tokens().consume(&digest, LinkPurpose::ResetPassword.token(), now).await?;
        let token = token.ok_or(LinkError::Invalid)?;
        let account = unit.accounts().find_for_update(token.account).await?;
        let mut account = account.filter(|account| *account.email() == input.email).ok_or(LinkError::Invalid)?;
        if account.password().is_some() {
            passwords::check_for(account.role(), &input.password)?;
            account.change_password(password, self.new_subject(), now);
            let notice = self.new_mail(input.email, &notice, now, now + self.policy.outbox.max_age);
            self.post(unit.as_mut(), notice).await?;
        } else {
            account.end_tokens(self.new_subject(), now);
        }
        account.prove_mailbox(now);
        unit.accounts().update(&account).await?;
        end_resets(unit.as_mut(), &account).await?;
        unit.commit().await?;
        self.mail_written.notify_one();
        Ok(())
    }
}
