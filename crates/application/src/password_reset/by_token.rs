//! Setting a new password by a mailed token alone.

use vestibule_domain::{NewPassword, Origin, TokenPurpose};

use super::PasswordResetError;
use crate::{
    Application, Language,
    events::Cause,
    passwords::{self, NewHash},
};

/// A mailed token, with the new password.
#[derive(Debug)]
pub struct ResetPasswordByToken {
    /// Where the request came from.
    pub origin: Origin,
    /// The token, as it was mailed.
    pub token: String,
    /// The new password.
    pub password: NewPassword,
    /// The language of the notice to the owner.
    pub language: Language,
}

impl Application {
    /// Spends the token and sets the password; every earlier token and code of the account ends, the mailbox is proven,
    /// and its owner gets a notice. A token that is no good costs no hash.
    pub async fn reset_password_by_token(&self, input: ResetPasswordByToken) -> Result<(), PasswordResetError> {
        let now = self.now();
        let found = self.find_token(&input.token, TokenPurpose::PasswordResetToken, now).await?;
        let owner = found.ok_or(PasswordResetError::Invalid)?.account;
        self.limits.reset(owner)?;
        let hash = self.ports.hasher.hash(&input.password).await?;

        let mut unit = self.ports.store.write().await?;
        // The account before its tokens, here as everywhere.
        let mut account = unit.accounts().find_for_update(owner).await?.ok_or(PasswordResetError::Invalid)?;
        let digest = self.token_digest(&input.token);
        let token = unit.tokens().consume(&digest, TokenPurpose::PasswordResetToken, now).await?;
        if token.is_none() || !account.is_active() {
            return Err(PasswordResetError::Invalid);
        }
        passwords::check_for(account.role(), &input.password)?;
        account.prove_mailbox(now);
        let notice = self.password_notice(&account, input.language, now)?;
        let new = NewHash { hash, cause: Cause::anyone(input.origin) };
        self.set_password(unit.as_mut(), &mut account, new, now).await?;
        self.post(unit.as_mut(), notice).await?;
        unit.commit().await?;
        self.mail_written.notify_one();
        Ok(())
    }
}
