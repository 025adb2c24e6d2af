//! Setting the new password.

use vestibule_domain::{EmailAddress, NewPassword, Origin, TokenPurpose};

use super::{PasswordResetError, SpentToken, TokenHolder};
use crate::{
    Application, Language,
    events::Cause,
    passwords::{self, NewHash},
};

/// A new password with the right to set it.
#[derive(Debug)]
pub struct CompletePasswordReset {
    /// Where the request came from.
    pub origin: Origin,
    /// The token of the grant.
    pub token: String,
    /// The address that the grant was made for.
    pub email: EmailAddress,
    /// The new password.
    pub password: NewPassword,
}

impl Application {
    /// Spends the grant and sets the password; every earlier token, grant and code of the account ends, and its owner
    /// gets a notice. A token that is no good costs no hash.
    pub async fn complete_password_reset(&self, input: CompletePasswordReset) -> Result<(), PasswordResetError> {
        let now = self.now();
        let holder = TokenHolder {
            token: &input.token,
            purpose: TokenPurpose::PasswordReset,
            email: Some(&input.email),
            password: &input.password,
        };
        let spent = self.spend_on_password(holder, now).await?.ok_or(PasswordResetError::Invalid)?;
        let SpentToken { mut unit, mut account, hash } = spent;
        if !account.is_active() {
            return Err(PasswordResetError::Invalid);
        }
        passwords::check_for(account.role(), &input.password)?;
        let notice = self.password_notice(&account, Language::English, now)?;
        let new = NewHash { hash, cause: Cause::anyone(input.origin) };
        self.set_password(unit.as_mut(), &mut account, new, now).await?;
        self.post(unit.as_mut(), notice).await?;
        unit.commit().await?;
        self.mail_written.notify_one();
        Ok(())
    }
}
