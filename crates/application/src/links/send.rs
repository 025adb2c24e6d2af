//! Sending a link.

use time::{Duration, OffsetDateTime};
use vestibule_domain::{
    Account, AccountId, AccountStatus, EmailAddress, OneTimeToken, Origin, PasswordHash, TokenPurpose,
};

use super::LinkError;
use crate::{Fault, Identity, LinkLifetimes, mail::LinkMail, unit::Unit};

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPurpose {
    /// Proving the mailbox.
    VerifyEmail,
    /// Setting a new password.
    ResetPassword,
}

impl LinkPurpose {
    pub(super) const fn token(self) -> TokenPurpose {
        match self {
            Self::VerifyEmail => TokenPurpose::EmailVerification,
            Self::ResetPassword => TokenPurpose::PasswordResetLink,
        }
    }

    const fn lifetime(self, lifetimes: &LinkLifetimes) -> Duration {
        match self {
            Self::VerifyEmail => lifetimes.verification,
            Self::ResetPassword => lifetimes.reset,
        }
    }
}

/// A request for a link.
#[derive(Debug)]
pub struct SendLink {
    /// Where the request came from.
    pub origin: Origin,
    /// To whom.
    pub email: EmailAddress,
    /// What for.
    pub purpose: LinkPurpose,
    pub mail: LinkMail,
}

/// A link to be mailed.
pub(crate) struct Link {
    account: AccountId,
    to: EmailAddress,
    purpose: LinkPurpose,
    waiting_password: Option<PasswordHash>,
}

impl Link {
    /// The link that proves an account's mailbox, with a password that becomes the account's when it is used.
    pub(crate) fn verification(account: &Account, waiting_password: Option<PasswordHash>) -> Self {
        Self { account: account.id(), to: account.email().clone(), purpose: LinkPurpose::VerifyEmail, waiting_password }
    }
}

impl Identity {
    /// Mails a link, which replaces an earlier one of its purpose.
    pub async fn send_link(&self, input: SendLink) -> Result<(), LinkError> {
        self.limits.mail(input.origin.source)?;
        let now = self.core.now();
        let found = self.core.read().accounts().find_by_email(&input.email).await?;
        let account = addressee(found, input.purpose)?.id();
        let mut unit = self.core.write_within_mail_quota(&input.email, input.purpose.token(), now).await?;
        // Asked again on the locked row: another request may have changed the address.
        let found = self.core.lock_addressee(&mut unit, account, &input.email).await?;
        addressee(found, input.purpose)?;
        let link = Link { account, to: input.email, purpose: input.purpose, waiting_password: None };
        self.post_link(&mut unit, link, input.mail, now).await?;
        unit.commit().await?;
        Ok(())
    }

    /// Stores the token of a link and writes its mail.
    pub(crate) async fn post_link(
        &self,
        unit: &mut Unit,
        link: Link,
        mail: LinkMail,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        let token = self.new_token();
        let lifetime = link.purpose.lifetime(&self.core.policy.links);
        let content = self.core.write_link(mail, &token, lifetime)?;
        let expires_at = now + lifetime;
        // Anybody can ask for a new password: that leaves a link good that proves the mailbox.
        unit.tokens().remove_of_account(link.account, link.purpose.token()).await?;
        let stored = OneTimeToken {
            digest: self.token_digest(&token),
            account: link.account,
            purpose: link.purpose.token(),
            expires_at,
            waiting_password: link.waiting_password,
        };
        unit.tokens().insert(&stored).await?;
        let mail = self.core.new_mail(link.to, &content, now, expires_at);
        Ok(self.core.post(unit, mail).await?)
    }
}

/// The account that a link is mailed to, or why none is.
fn addressee(found: Option<Account>, purpose: LinkPurpose) -> Result<Account, LinkError> {
    let account = found.ok_or(LinkError::UnknownEmail)?;
    let is_proven = account.mailbox_proven_at().is_some() || account.status() == AccountStatus::Disabled;
    if purpose == LinkPurpose::VerifyEmail && is_proven { Err(LinkError::AlreadyProven) } else { Ok(account) }
}
