//! Asking for a code to set a new password.

use time::OffsetDateTime;
use vestibule_domain::{Account, AccountId, CodeFormat, CodeId, EmailAddress, OneTimeCode, Source, TokenPurpose};

use crate::{Application, Fault};

/// A request for a code.
#[derive(Debug)]
pub struct RequestPasswordReset {
    /// Where the request came from.
    pub source: Source,
    /// The address, which may be nobody's.
    pub email: EmailAddress,
    /// What the dialect's codes look like.
    pub format: CodeFormat,
}

impl Application {
    /// Mails a code to the owner of an active account; for any other address does the same work to no effect, so that
    /// neither the answer nor its time tells which it was.
    pub async fn request_password_reset(&self, input: RequestPasswordReset) -> Result<(), Fault> {
        self.limits.mail(input.source)?;
        let now = self.now();
        let account = self.ports.store.read().accounts().find_by_email(&input.email).await?;
        let owner = account.filter(Account::is_active);
        let code = input.format.generate(self.random());
        let content = self.write_password_reset_code(&code, self.policy.code_lifetime)?;
        let stored = self.new_code(owner.as_ref().map(Account::id), &input, &code, now);
        let mail = self.new_mail(input.email.clone(), &content, now, stored.expires_at);

        let mut unit = self.ports.store.write().await?;
        self.take_mail_quota(unit.as_mut(), &input.email, TokenPurpose::PasswordReset, now).await?;
        if owner.is_some() {
            unit.codes().replace(&stored).await?;
            self.post(unit.as_mut(), mail).await?;
        } else {
            self.pretend_to_post(unit.as_mut(), mail).await?;
        }
        unit.commit().await?;
        self.mail_written.notify_one();
        Ok(())
    }

    fn new_code(
        &self,
        owner: Option<AccountId>,
        input: &RequestPasswordReset,
        code: &vestibule_domain::Code,
        now: OffsetDateTime,
    ) -> OneTimeCode {
        let account = owner.unwrap_or_else(|| self.phantom_id(input.email.as_str()));
        let purpose = TokenPurpose::PasswordReset;
        OneTimeCode {
            id: CodeId::new(now, self.random()),
            account,
            purpose,
            digest: self.code_digest(account, purpose, code),
            tries_left: self.policy.code_tries.per_code,
            expires_at: now + self.policy.code_lifetime,
        }
    }
}
