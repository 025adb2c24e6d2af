//! Trading a mailed code for the right to set a new password.

use time::{Duration, OffsetDateTime};
use vestibule_domain::{
    Account, AccountId, CodeFormat, CodeId, EmailAddress, LiveCode, OneTimeToken, ThrottleRule, TokenPurpose,
};

use super::PasswordResetError;
use crate::Application;

/// Never refuses: only the work of counting matters.
const IDLE_TRIES: ThrottleRule = ThrottleRule::counted(1_000_000_000, Duration::hours(1));

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
    /// The address that was proven.
    pub email: EmailAddress,
    /// When it was granted.
    pub at: OffsetDateTime,
    /// When it stops to work.
    pub expires_at: OffsetDateTime,
}

impl Application {
    /// Spends a code. Each try is counted, durably, before it is compared; a text that cannot be a code is none.
    pub async fn verify_password_reset_code(
        &self,
        input: VerifyPasswordResetCode,
    ) -> Result<PasswordResetGrant, PasswordResetError> {
        let typed = input.format.parse(&input.code).map_err(|_| PasswordResetError::Invalid)?;
        let now = self.now();
        let account = self.ports.store.read().accounts().find_by_email(&input.email).await?;
        let id = account.as_ref().map_or_else(|| self.phantom_id(input.email.as_str()), Account::id);
        let live = self.count_code_try(id, now).await?.ok_or(PasswordResetError::Invalid)?;
        if live.digest != self.code_digest(id, TokenPurpose::PasswordReset, &typed) {
            return Err(PasswordResetError::Invalid);
        }
        let token = self.spend_code(id, live.id, now, input.grant_lifetime).await?;
        Ok(PasswordResetGrant { token, email: input.email, at: now, expires_at: now + input.grant_lifetime })
    }

    /// Counts a try on the code and on its account; `None` if either has no try left. Who guesses where there is no code
    /// uses up none of the account's tries, or strangers could close any account's resets without a mail; the same is
    /// written then all the same, under one of few keys, so that neither the time nor a stranger's addresses pile up.
    ///
    /// The code comes before the count, here as where it is spent: in another order the two would block each other.
    async fn count_code_try(
        &self,
        account: AccountId,
        now: OffsetDateTime,
    ) -> Result<Option<LiveCode>, PasswordResetError> {
        let mut unit = self.ports.store.write().await?;
        let live = unit.codes().take_try(account, TokenPurpose::PasswordReset, now).await?;
        let (key, rule) = match live {
            Some(_) => (code_tries_key(account), self.policy.code_tries.per_account),
            None => (idle_tries_key(account), IDLE_TRIES),
        };
        if unit.throttles().take(&key, &rule, now).await?.is_err() {
            return Ok(None);
        }
        unit.commit().await?;
        Ok(live)
    }

    /// Spends the code, notes that its mailbox is read by the owner, and stores the grant.
    async fn spend_code(
        &self,
        id: AccountId,
        code: CodeId,
        now: OffsetDateTime,
        lifetime: Duration,
    ) -> Result<String, PasswordResetError> {
        let token = hex::encode(self.random::<32>());
        let stored = OneTimeToken {
            digest: self.token_digest(&token),
            account: id,
            purpose: TokenPurpose::PasswordReset,
            expires_at: now + lifetime,
            waiting_password: None,
        };
        let mut unit = self.ports.store.write().await?;
        let mut account = unit.accounts().find_for_update(id).await?.ok_or(PasswordResetError::Invalid)?;
        if !unit.codes().consume(code, now).await? {
            return Err(PasswordResetError::Invalid);
        }
        account.prove_mailbox(now);
        unit.accounts().update(&account).await?;
        unit.tokens().insert(&stored).await?;
        unit.throttles().reset(&code_tries_key(id)).await?;
        unit.commit().await?;
        Ok(token)
    }
}

fn code_tries_key(account: AccountId) -> String {
    format!("code-tries/{}", account.hex())
}

/// The count of guesses at no code: one of 256, whatever the account.
fn idle_tries_key(account: AccountId) -> String {
    format!("code-tries/none/{}", &account.hex()[22..])
}
