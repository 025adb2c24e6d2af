//! Setting the new password.

use vestibule_domain::{EmailAddress, NewPassword, Origin, TokenPurpose};

use super::{PasswordResetError, TokenHolder};
use crate::{Identity, Language, passwords};

/// A new password with the right to set it.
#[derive(Debug)]
pub struct CompletePasswordReset {
    /// Where the request came from.
    pub origin: Origin,
    /// The token of the grant.
    pub token: String,
    /// The address that the grant was made for.
    pub email: EmailAddress,
    pub password: NewPassword,
}

impl Identity {
    /// Spends the grant and sets the password; every earlier token, grant and code of the account ends, the mailbox is
    /// proven, and its owner gets a notice. A token that is no good costs no hash.
    pub async fn complete_password_reset(&self, input: CompletePasswordReset) -> Result<(), PasswordResetError> {
        let now = self.core.now();
        let holder = TokenHolder {
            origin: input.origin,
            token: &input.token,
            purpose: TokenPurpose::PasswordReset,
            account: None,
            email: Some(&input.email),
            password: &input.password,
        };
        let spent = self.spend_on_password(holder, now).await?.ok_or(PasswordResetError::Invalid)?;
        if !spent.account.is_active() {
            return Err(PasswordResetError::Invalid);
        }
        passwords::check_for(spent.account.role(), &input.password)?;
        Ok(self.set_password_by_token(spent, Language::English, now).await?)
    }
}
