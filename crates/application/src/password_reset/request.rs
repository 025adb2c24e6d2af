//! Asking for the means to set a new password.

use time::{Duration, OffsetDateTime};
use vestibule_domain::{
    Account, AccountId, CodeFormat, EmailAddress, OneTimeCode, OneTimeToken, Origin, TokenPurpose, mail::MailContent,
};
use vestibule_ports::StoreError;

use crate::{Fault, Identity, codes::pretend_to_replace, mail::LinkMail, unit::Unit};

/// A request for the means to set a new password.
#[derive(Debug)]
pub struct RequestPasswordReset {
    /// Where the request came from.
    pub origin: Origin,
    /// The address, which may be nobody's.
    pub email: EmailAddress,
    /// What is mailed.
    pub means: ResetMeans,
}

/// What a mail lets its reader set a new password by.
#[derive(Debug)]
pub enum ResetMeans {
    /// A code to be typed and traded for a grant.
    Code(CodeFormat),
    /// A link with a token that is enough by itself.
    Token {
        /// The mail.
        mail: LinkMail,
        /// How long the token works.
        lifetime: Duration,
    },
}

/// The means as it is stored, and when it stops to work.
enum Stored {
    Code(OneTimeCode),
    Token(OneTimeToken),
}

impl Identity {
    /// Mails a code or a link to the owner of an active account; for any other address does the same work to no effect,
    /// so that neither the answer nor its time tells which it was.
    pub async fn request_password_reset(&self, input: RequestPasswordReset) -> Result<(), Fault> {
        self.limits.mail(input.origin.source)?;
        let now = self.core.now();
        let account = self.core.read().accounts().find_by_email(&input.email).await?;
        let owner = account.filter(Account::is_active).map(|account| account.id());
        let account = owner.unwrap_or_else(|| self.core.phantom_id(input.email.as_str()));
        let (stored, content) = self.new_means(input.means, account, now)?;
        let mail = self.core.new_mail(input.email.clone(), &content, now, stored.expires_at());

        let mut unit = self.core.write_within_mail_quota(&input.email, TokenPurpose::PasswordReset, now).await?;
        let addressee = self.core.lock_addressee(&mut unit, account, &input.email).await?;
        if addressee.is_some_and(|account| account.is_active()) {
            stored.store(&mut unit).await?;
            self.core.post(&mut unit, mail).await?;
        } else {
            stored.pretend(&mut unit).await?;
            self.core.pretend_to_post(&mut unit, mail).await?;
        }
        unit.commit().await?;
        Ok(())
    }

    fn new_means(
        &self,
        means: ResetMeans,
        account: AccountId,
        now: OffsetDateTime,
    ) -> Result<(Stored, MailContent), Fault> {
        Ok(match means {
            ResetMeans::Code(format) => {
                let code = format.generate(self.core.random());
                let content = self.core.write_password_reset_code(&code, self.core.policy.code_lifetime)?;
                let stored = self.new_code((account, TokenPurpose::PasswordReset), &code, None, now);
                (Stored::Code(stored), content)
            }
            ResetMeans::Token { mail, lifetime } => {
                let token = self.new_hex_token();
                let content = self.core.write_link(mail, &token, lifetime)?;
                let stored = OneTimeToken {
                    digest: self.token_digest(&token),
                    account,
                    purpose: TokenPurpose::PasswordResetToken,
                    expires_at: now + lifetime,
                    waiting_password: None,
                };
                (Stored::Token(stored), content)
            }
        })
    }
}

impl Stored {
    const fn expires_at(&self) -> OffsetDateTime {
        match self {
            Self::Code(code) => code.expires_at,
            Self::Token(token) => token.expires_at,
        }
    }

    /// Does the work of storing it, to no effect: it is nobody's.
    async fn pretend(&self, unit: &mut Unit) -> Result<(), StoreError> {
        match self {
            Self::Code(code) => pretend_to_replace(unit, code).await,
            Self::Token(token) => {
                unit.tokens().remove_of_account(token.account, token.purpose).await?;
                // In the place of the insert.
                unit.tokens().remove_of_account(token.account, token.purpose).await.map(drop)
            }
        }
    }

    /// Stores it in the place of any earlier one of its kind.
    async fn store(&self, unit: &mut Unit) -> Result<(), StoreError> {
        match self {
            Self::Code(code) => unit.codes().replace(code).await,
            Self::Token(token) => {
                unit.tokens().remove_of_account(token.account, token.purpose).await?;
                unit.tokens().insert(token).await
            }
        }
    }
}
