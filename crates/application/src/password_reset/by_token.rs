//! Setting a new password by a mailed token alone.

use time::OffsetDateTime;
use vestibule_domain::{Account, AccountId, NewPassword, Origin, TokenPurpose};

use super::{PasswordResetError, TokenHolder};
use crate::{Fault, Identity, Language, passwords};

/// A mailed token, with the new password.
#[derive(Debug)]
pub struct ResetPasswordByToken {
    /// Where the request came from.
    pub origin: Origin,
    /// The account that the link named, if it named one.
    pub account: Option<AccountId>,
    /// The token, as it was mailed.
    pub token: String,
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
            purpose: match input.account {
                Some(_) => TokenPurpose::PasswordResetOfAccount,
                None => TokenPurpose::PasswordResetToken,
            },
            account: input.account,
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

    /// Until when the token of a link that names its account is good; none for one that is not. It is not spent.
    pub async fn show_reset_token(&self, account: AccountId, token: &str) -> Result<Option<OffsetDateTime>, Fault> {
        let found = self.find_token(token, TokenPurpose::PasswordResetOfAccount, self.core.now()).await?;
        let Some(token) = found.filter(|token| token.account == account) else { return Ok(None) };
        let owner = self.core.read().accounts().find(account).await?;
        Ok(owner.filter(Account::is_active).map(|_| token.expires_at))
    }
}
