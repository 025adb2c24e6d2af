//! Setting the new password.

use vestibule_domain::{EmailAddress, NewPassword, Origin, TokenPurpose};

use super::PasswordResetError;
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
    /// gets a notice.
    pub async fn complete_password_reset(&self, input: CompletePasswordReset) -> Result<(), PasswordResetError> {
        self.limits.reset(self.phantom_id(input.email.as_str()))?;
        let now = self.now();
        let hash = self.ports.hasher.hash(&input.password).await?;
        let digest = self.token_digest(&input.token);

        let mut unit = self.ports.store.write().await?;
        // The account before its tokens: two grants of one account would otherwise wait for each other's token.
        let account = unit.accounts().find_by_email_for_update(&input.email).await?;
        let mut account = account.ok_or(PasswordResetError::Invalid)?;
        let token = unit.tokens().consume(&digest, TokenPurpose::PasswordReset, now).await?;
        if token.is_none_or(|token| token.account != account.id()) {
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
