//! Giving an account another password, whichever door it came through, and what that leaves behind; and which passwords an
//! account may not have because of its role.

use time::OffsetDateTime;
use vestibule_domain::{
    Account, AccountId, EventKind, NewPassword, PasswordHash, PasswordRules, Role, TokenPurpose, password::is_common,
};
use vestibule_ports::{HashError, HashTurn, Language, PasswordMatch, StoreError};

use crate::{Fault, Identity, events::Cause, mail::Letter, sign_in::forget_strangers, unit::Unit};

/// Whoever has power over others may not have a password that everybody guesses first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the password is one of the most common ones, which an admin or root may not have")]
pub struct CommonPassword;

/// A new password, hashed before the unit was opened.
pub(crate) struct NewHash {
    pub(crate) hash: PasswordHash,
    pub(crate) cause: Cause,
}

/// Compares a candidate with the hash of an account. One of another kind, which was imported, equals no password; the log tells
/// the operator whose it is.
pub(crate) async fn compare(
    turn: Box<dyn HashTurn>,
    candidate: &str,
    (id, hash): (AccountId, Option<PasswordHash>),
) -> Result<PasswordMatch, HashError> {
    let matched = turn.verify(candidate, hash).await?;
    if let PasswordMatch::Unusable(why) = matched {
        tracing::error!(
            account = %id.hex(),
            why,
            "a stored password hash cannot be compared with: its account cannot sign in by password until that is reset"
        );
        return Ok(PasswordMatch::Wrong);
    }
    Ok(matched)
}

impl Identity {
    /// What a password must look like that an operator sets, for an account of any role.
    pub fn operator_password_rules(&self) -> PasswordRules {
        self.core.policy.password.refusing_common()
    }

    /// Gives a locked account a new password and stores it: every earlier token and all that was mailed ends, since a link
    /// may carry another password, and the account is open to strangers again.
    pub(crate) async fn set_password(
        &self,
        unit: &mut Unit,
        account: &mut Account,
        new: NewHash,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        account.change_password(new.hash, self.new_epoch(), now);
        unit.accounts().update(account).await?;
        end_mailed(unit, account.id()).await?;
        forget_strangers(unit, account.id()).await?;
        self.record_password_change(unit, account.id(), &new.cause, now).await
    }

    /// Notes that an account has another password than before, or none any more.
    pub(crate) async fn record_password_change(
        &self,
        unit: &mut Unit,
        account: AccountId,
        cause: &Cause,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.core.record(unit, cause.of(EventKind::PasswordChange, Some(account)), now).await
    }

    /// The notice to the owner that the password is another one, to be posted in the same unit.
    pub(crate) fn password_notice(
        &self,
        account: &Account,
        language: Language,
        now: OffsetDateTime,
    ) -> Result<Letter, Fault> {
        let notice = self.core.write_password_changed(language)?;
        Ok(self.core.new_notice(account, &notice, now))
    }
}

/// Ends what could still set the password of before: grants, links and codes; and opens the account to strangers again.
pub(crate) async fn end_resets(unit: &mut Unit, account: AccountId) -> Result<(), StoreError> {
    const RESETS: [TokenPurpose; 4] = [
        TokenPurpose::PasswordReset,
        TokenPurpose::PasswordResetLink,
        TokenPurpose::PasswordResetToken,
        TokenPurpose::PasswordResetOfAccount,
    ];
    end(unit, account, &RESETS).await?;
    forget_strangers(unit, account).await
}

/// Ends the codes and links that would prove the mailbox, with the passwords that wait with them.
pub(crate) async fn end_proofs(unit: &mut Unit, account: AccountId) -> Result<(), StoreError> {
    end(unit, account, &[TokenPurpose::EmailVerification]).await
}

/// Ends all that an account was mailed, whatever for.
pub(crate) async fn end_mailed(unit: &mut Unit, account: AccountId) -> Result<(), StoreError> {
    end(unit, account, &TokenPurpose::ALL).await
}

/// Ends every code of an account, and its tokens of some purposes.
async fn end(unit: &mut Unit, account: AccountId, purposes: &[TokenPurpose]) -> Result<(), StoreError> {
    for purpose in purposes {
        unit.tokens().remove_of_account(account, *purpose).await?;
    }
    unit.codes().remove_of_account(account).await.map(drop)
}

/// Decides for every use case that sets a password, once it knows the account's role.
pub(crate) fn check_for(role: Role, password: &NewPassword) -> Result<(), CommonPassword> {
    check_text_for(role, password.expose())
}

/// The same for a password as typed.
pub(crate) fn check_text_for(role: Role, password: &str) -> Result<(), CommonPassword> {
    let has_power = role > Role::User;
    if has_power && is_common(password) { Err(CommonPassword) } else { Ok(()) }
}
