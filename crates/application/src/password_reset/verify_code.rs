//! Trading a mailed code for the right to set a new password.

use time::{Duration, OffsetDateTime};
use vestibule_domain::{Account, AccountId, CodeFormat, CodeId, EmailAddress, OneTimeToken, TokenPurpose};

use super::PasswordResetError;
use crate::{Identity, codes::forget_code_tries};

/// A typed code.
#[derive(Debug)]
pub struct VerifyPasswordResetCode {
    /// The address that the code was mailed to.
    pub email: EmailAddress,
    /// The code, as typed.
    pub code: String,
    /// What the dialect's codes look like.
    pub format: CodeFormat,
    /// How long the grant works.
    pub grant_lifetime: Duration,
}

/// The right to set a new password, once.
#[derive(Debug)]
pub struct PasswordResetGrant {
    /// 64 hexadecimal digits; only their digest is stored.
    pub token: String,
    /// The address that the code was mailed to.
    pub email: EmailAddress,
    /// When it was granted.
    pub at: OffsetDateTime,
    /// When it stops to work.
    pub expires_at: OffsetDateTime,
}

impl Identity {
    /// Spends a code. Each try is counted, durably, before it is compared; a text that cannot be a code is none.
    pub async fn verify_password_reset_code(
        &self,
        input: VerifyPasswordResetCode,
    ) -> Result<PasswordResetGrant, PasswordResetError> {
        let typed = input.format.parse(&input.code).map_err(|_| PasswordResetError::Invalid)?;
        let now = self.core.now();
        let account = self.core.read().accounts().find_by_email(&input.email).await?;
        let id = account.as_ref().map_or_else(|| self.core.phantom_id(input.email.as_str()), Account::id);
        let live =
            self.count_code_try(id, TokenPurpose::PasswordReset, now).await?.ok_or(PasswordResetError::Invalid)?;
        if live.digest != self.code_digest(id, TokenPurpose::PasswordReset, &typed) {
            return Err(PasswordResetError::Invalid);
        }
        let token = self.spend_code(id, live.id, now, input.grant_lifetime).await?;
        Ok(PasswordResetGrant { token, email: input.email, at: now, expires_at: now + input.grant_lifetime })
    }

    /// Spends the code and stores the grant. The mailbox is proven where the grant replaces the password: until then, the
    /// password may be a stranger's.
    async fn spend_code(
        &self,
        id: AccountId,
        code: CodeId,
        now: OffsetDateTime,
        lifetime: Duration,
    ) -> Result<String, PasswordResetError> {
        let token = self.new_hex_token();
        let stored = OneTimeToken {
            digest: self.token_digest(&token),
            account: id,
            purpose: TokenPurpose::PasswordReset,
            expires_at: now + lifetime,
            waiting_password: None,
        };
        let mut unit = self.core.begin().await?;
        // The account before its codes, here as everywhere.
        unit.accounts().find_for_update(id).await?.ok_or(PasswordResetError::Invalid)?;
        if !unit.codes().consume(code, now).await? {
            return Err(PasswordResetError::Invalid);
        }
        unit.tokens().insert(&stored).await?;
        forget_code_tries(&mut unit, id).await?;
        unit.commit().await?;
        Ok(token)
    }
}
