//! Setting a new password by a mailed token alone.

use vestibule_domain::{NewPassword, Origin, TokenPurpose};

use super::{PasswordResetError, TokenHolder};
use crate::{Identity, Language, passwords};

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

impl Identity {
    /// Spends the token and sets the password; every earlier token and code of the account ends, the mailbox is proven,
    /// and its owner gets a notice. A token that is no good costs no hash.
    pub async fn reset_password_by_token(&self, input: ResetPasswordByToken) -> Result<(), PasswordResetError> {
        let now = self.core.now();
        let holder = TokenHolder {
            origin: input.origin,
            token: &input.token,
            purpose: TokenPurpose::PasswordResetToken,
            email: None,
            password: &input.password,
        };
        let spent = self.spend_on_password(holder, now).await?.ok_or(PasswordResetError::Invalid)?;
        if !spent.account.is_active() {
            return Err(PasswordResetError::Invalid);
        }
        passwords::check_for(spent.account.role(), &input.password)?;
        Ok(self.set_password_by_token(spent, input.language, now).await?)
    }
}
