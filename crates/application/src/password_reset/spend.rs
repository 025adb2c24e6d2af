//! Spending a mailed token on a new password: what every door to that has in common.

use time::OffsetDateTime;
use vestibule_domain::{Account, AccountId, EmailAddress, NewPassword, Origin, TokenPurpose};
use vestibule_ports::Language;

use crate::{Fault, Identity, events::Cause, passwords::NewHash, proofs::Proof, unit::Unit};

/// Somebody who shows a token and wants a new password.
pub(crate) struct TokenHolder<'a> {
    pub(crate) origin: Origin,
    pub(crate) token: &'a str,
    pub(crate) purpose: TokenPurpose,
    /// Whose token it must be, where the door asks for that too.
    pub(crate) account: Option<AccountId>,
    /// The same by the address.
    pub(crate) email: Option<&'a EmailAddress>,
    pub(crate) password: &'a NewPassword,
}

/// A token that is spent as soon as the unit is committed.
pub(crate) struct SpentToken {
    pub(crate) unit: Unit,
    /// Its account, locked.
    pub(crate) account: Account,
    /// The new password.
    pub(crate) new: NewHash,
}

impl Identity {
    /// `None` if the token is no good, which costs no hash; a good one can be shown only so often, since it is spent after
    /// its password was hashed.
    pub(crate) async fn spend_on_password(
        &self,
        holder: TokenHolder<'_>,
        now: OffsetDateTime,
    ) -> Result<Option<SpentToken>, Fault> {
        let is_of = |account: &Account| {
            holder.account.is_none_or(|id| account.id() == id)
                && holder.email.is_none_or(|email| account.email() == email)
        };
        let Some(token) = self.find_token(holder.token, holder.purpose, now).await? else { return Ok(None) };
        let owner = self.core.read().accounts().find(token.account).await?.filter(is_of);
        let Some(owner) = owner.map(|account| account.id()) else { return Ok(None) };
        self.limits.reset(owner)?;
        let hash = self.ports.hasher.hash(holder.password).await?;

        let mut unit = self.core.begin().await?;
        // The account before its tokens, here as everywhere: two tokens of one account would otherwise wait for each other.
        let Some(account) = unit.accounts().find_for_update(owner).await?.filter(is_of) else { return Ok(None) };
        let spent = unit.tokens().consume(&token.digest, holder.purpose, now).await?;
        let new = NewHash { hash, cause: Cause::anyone(holder.origin) };
        Ok(spent.map(|_| SpentToken { unit, account, new }))
    }

    /// Gives the account its new password, which proves its mailbox, and its owner a notice.
    pub(crate) async fn set_password_by_token(
        &self,
        spent: SpentToken,
        language: Language,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        let SpentToken { mut unit, mut account, new } = spent;
        let notice = self.password_notice(&account, language, now)?;
        self.prove_mailbox(&mut unit, &mut account, Proof::SetsPassword(new), now).await?;
        self.core.post(&mut unit, notice).await?;
        unit.commit().await?;
        Ok(())
    }
}
