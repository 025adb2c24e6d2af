//! Setting a new password by a mailed token alone.

use vestibule_domain::{NewPassword, Origin, TokenPurpose};

use super::{PasswordResetError, SpentToken, TokenHolder};
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
        let holder = TokenHolder {
            token: &input.token,
            purpose: TokenPurpose::PasswordResetToken,
            email: None,
            password: &input.password,
        };
        let spent = self.spend_on_password(holder, now).await?.ok_or(PasswordResetError::Invalid)?;
        let SpentToken { mut unit, mut account, hash } = spent;
        if !account.is_active() {
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
