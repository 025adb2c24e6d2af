//! Asking for the means to set a new password.

use time::{Duration, OffsetDateTime};
use vestibule_domain::{
    Account, AccountId, CodeFormat, Digest, EmailAddress, MaskedEmail, OneTimeCode, OneTimeToken, Origin, TokenPurpose,
    mail::MailContent,
};
use vestibule_ports::StoreError;

use crate::{Fault, Identity, codes::pretend_to_replace, mail::LinkMail, sign_in::Identifier, unit::Unit};

/// A request for the means to set a new password.
#[derive(Debug)]
pub struct RequestPasswordReset {
    /// Where the request came from.
    pub origin: Origin,
    /// What the account is known by; there may be none.
    pub identifier: Identifier,
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
        mail: LinkMail,
        /// How long the token works.
        lifetime: Duration,
    },
    /// The same, where the link names the account too: `<id>/<token>` is appended.
    TokenOfAccount {
        mail: LinkMail,
        /// How long the token works.
        lifetime: Duration,
    },
}

/// Where a mail goes, and what may be told of that.
struct Mailbox {
    email: EmailAddress,
    shown: MaskedEmail,
}

/// The means as it is stored, and when it stops to work.
enum Stored {
    Code(OneTimeCode),
    Token(OneTimeToken),
}

impl Identity {
    /// Mails a code or a link to the owner of an active account; for any other address does the same work to no effect,
    /// so that neither the answer nor its time tells which it was.
    ///
    /// What may be told of the mailbox is that of the account of a user name, or made up; an address is told as it was given.
    pub async fn request_password_reset(&self, input: RequestPasswordReset) -> Result<MaskedEmail, Fault> {
        self.limits.mail(input.origin.source)?;
        let now = self.core.now();
        let account = self.find_by_identifier(&input.identifier).await?;
        let Mailbox { email, shown } = self.mailbox_of(&input.identifier, account.as_ref())?;
        let owner = account.filter(Account::is_active).map(|account| account.id());
        let account = owner.unwrap_or_else(|| self.core.phantom_id(input.identifier.as_str()));
        let (stored, content) = self.new_means(input.means, account, now)?;
        let mail = self.core.new_mail(email.clone(), &content, now, stored.expires_at());

        let mut unit = self.core.write_within_mail_quota(&email, TokenPurpose::PasswordReset, now).await?;
        let addressee = self.core.lock_addressee(&mut unit, account, &email).await?;
        if addressee.is_some_and(|account| account.is_active()) {
            stored.store(&mut unit).await?;
            self.core.post(&mut unit, mail).await?;
        } else {
            stored.pretend(&mut unit).await?;
            self.core.pretend_to_post(&mut unit, mail).await?;
        }
        unit.commit().await?;
        Ok(shown)
    }

    /// The mailbox of an account; without an account, requests are counted under an address that no account can have.
    fn mailbox_of(&self, identifier: &Identifier, account: Option<&Account>) -> Result<Mailbox, Fault> {
        match (identifier, account) {
            (Identifier::Email(email), _) => Ok(Mailbox { email: email.clone(), shown: email.masked() }),
            (Identifier::Username(_) | Identifier::Unfit(_), Some(account)) => {
                Ok(Mailbox { email: account.email().clone(), shown: account.email().masked() })
            }
            (Identifier::Username(_) | Identifier::Unfit(_), None) => {
                let digest = self.core.ports.keyring.digest("phantom-mailbox", &[identifier.as_str().as_bytes()]);
                let email = EmailAddress::parse(&format!("{}@phantom.invalid", hex::encode(&digest.bytes()[..12])));
                let email = email.map_err(|error| Fault::internal(error))?;
                Ok(Mailbox { email, shown: MaskedEmail::made_up(&digest) })
            }
        }
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
                let stored = self.new_code(account, TokenPurpose::PasswordReset, &code, now);
                (Stored::Code(stored), content)
            }
            ResetMeans::Token { mail, lifetime } => {
                let token = self.new_hex_token();
                let content = self.core.write_link(mail, &token, lifetime)?;
                let digest = self.token_digest(&token);
                (stored_token(digest, (account, TokenPurpose::PasswordResetToken), now + lifetime), content)
            }
            ResetMeans::TokenOfAccount { mail, lifetime } => {
                let token = self.new_token();
                let content = self.core.write_link(mail, &format!("{}/{token}", account.hex()), lifetime)?;
                let digest = self.token_digest(&token);
                (stored_token(digest, (account, TokenPurpose::PasswordResetOfAccount), now + lifetime), content)
            }
        })
    }
}

fn stored_token(digest: Digest, (account, purpose): (AccountId, TokenPurpose), expires_at: OffsetDateTime) -> Stored {
    Stored::Token(OneTimeToken { digest, account, purpose, expires_at, waiting_password: None })
}

impl Stored {
    const fn expires_at(&self) -> OffsetDateTime {
        match self {
            Self::Code(code) => code.expires_at,
            Self::Token(token) => token.expires_at,
        }
    }

    /// Does the work of storing it, to no effect: there is no account.
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
