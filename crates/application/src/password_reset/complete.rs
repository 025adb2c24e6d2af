//! Setting the new password.

use vestibule_domain::{EmailAddress, NewPassword, TokenPurpose};
use vestibule_ports::UnitOfWork;

use super::PasswordResetError;
use crate::{Application, passwords, sign_in::forget_strangers};

/// A new password with the right to set it.
#[derive(Debug)]
pub struct CompletePasswordReset {
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
        let password = self.ports.hasher.hash(&input.password).await?;
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
        account.change_password(password, self.new_subject(), now);
        unit.accounts().update(&account).await?;
        end_resets(unit.as_mut(), &account).await?;
        let notice = self.new_mail(input.email, &self.write_password_changed()?, now, now + self.policy.outbox.max_age);
        self.post(unit.as_mut(), notice).await?;
        unit.commit().await?;
        self.mail_written.notify_one();
        Ok(())
    }
}

/// Ends what could still set the password of before: grants and codes; and opens the account to strangers again.
pub(crate) async fn end_resets(
    unit: &mut dyn UnitOfWork,
    account: &vestibule_domain::Account,
) -> Result<(), vestibule_ports::StoreError> {
    for purpose in [TokenPurpose::PasswordReset, TokenPurpose::PasswordResetLink] {
        unit.tokens().remove_of_account(account.id(), purpose).await?;
    }
    unit.codes().remove_of_account(account.id()).await?;
    forget_strangers(unit, account.id()).await
}
