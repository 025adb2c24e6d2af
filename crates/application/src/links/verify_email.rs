//! Proving a mailbox by a link and the password.

use vestibule_domain::{Digest, OneTimeToken, Origin};
use vestibule_ports::PasswordMatch;

use super::{LinkError, LinkPurpose};
use crate::{Application, passwords};

/// A link that was opened, with the password.
#[derive(Debug)]
pub struct VerifyEmailByLink {
    /// Where the request came from.
    pub origin: Origin,
    /// The token of the link.
    pub token: String,
    /// The password, as typed: the account's, or the one that waits with the link.
    pub password: String,
}

impl Application {
    /// Spends the link if the password is right: the mailbox is proven, a pending account becomes active, and a waiting
    /// password becomes the account's. A disabled account stays disabled.
    pub async fn verify_email_by_link(&self, input: VerifyEmailByLink) -> Result<(), LinkError> {
        let now = self.now();
        let digest = self.token_digest(&input.token);
        let token = self.find_verification(&digest).await?.ok_or(LinkError::Invalid)?;
        let account = self.ports.store.read().accounts().find(token.account).await?.ok_or(LinkError::Invalid)?;
        let (turn, guesses) = self.begin_guess(account.id(), input.origin.source, now).await?;
        let hash = token.waiting_password.or_else(|| account.password().cloned());
        if turn.verify(&input.password, hash).await? == PasswordMatch::Wrong {
            return Err(LinkError::WrongPassword);
        }
        let mut unit = self.ports.store.write().await?;
        let token = unit.tokens().consume(&digest, LinkPurpose::VerifyEmail.token(), now).await?;
        let token = token.ok_or(LinkError::Invalid)?;
        let mut account = unit.accounts().find_for_update(token.account).await?.ok_or(LinkError::Invalid)?;
        if let Some(password) = token.waiting_password {
            passwords::check_text_for(account.role(), &input.password)?;
            account.keep_password(password, now);
        }
        account.prove_mailbox(now);
        unit.accounts().update(&account).await?;
        guesses.forget(unit.as_mut()).await?;
        Ok(unit.commit().await?)
    }

    async fn find_verification(&self, digest: &Digest) -> Result<Option<OneTimeToken>, LinkError> {
        let mut unit = self.ports.store.write().await?;
        Ok(unit.tokens().find(digest, LinkPurpose::VerifyEmail.token(), self.now()).await?)
    }
}
