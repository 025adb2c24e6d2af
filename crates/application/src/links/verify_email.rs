//! Proving a mailbox by a link and the password.

use vestibule_domain::Origin;
use vestibule_ports::PasswordMatch;

use super::{LinkError, LinkPurpose};
use crate::{Identity, events::Cause, passwords, proofs::Proof};

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

impl Identity {
    /// Spends the link if the password is right: the mailbox is proven, a pending account becomes active, and a waiting
    /// password becomes the account's. A disabled account stays disabled.
    pub async fn verify_email_by_link(&self, input: VerifyEmailByLink) -> Result<(), LinkError> {
        let now = self.core.now();
        let purpose = LinkPurpose::VerifyEmail.token();
        let token = self.find_token(&input.token, purpose, now).await?.ok_or(LinkError::Invalid)?;
        let account = self.core.read().accounts().find(token.account).await?.ok_or(LinkError::Invalid)?;
        let (turn, guesses) = self.begin_guess(account.id(), input.origin.source, now).await?;
        let hash = token.waiting_password.or_else(|| account.password().cloned());
        if passwords::compare(turn, &input.password, (account.id(), hash)).await? == PasswordMatch::Wrong {
            return Err(LinkError::WrongPassword);
        }
        let mut unit = self.core.begin().await?;
        // The account before its tokens, here as everywhere.
        let mut account = unit.accounts().find_for_update(account.id()).await?.ok_or(LinkError::Invalid)?;
        let token = unit.tokens().consume(&self.token_digest(&input.token), purpose, now).await?;
        if let Some(password) = token.ok_or(LinkError::Invalid)?.waiting_password {
            passwords::check_text_for(account.role(), &input.password)?;
            account.keep_password(password, now);
            self.record_password_change(&mut unit, account.id(), &Cause::anyone(input.origin), now).await?;
        }
        self.prove_mailbox(&mut unit, &mut account, Proof::KeepsPassword, now).await?;
        guesses.forget(&mut unit).await?;
        Ok(unit.commit().await?)
    }
}
