//! Turning the content of a checked token into a caller.

use vestibule_domain::{Account, AccountId, AccountStatus, FamilyId, Origin, TokenSubject};
use vestibule_ports::StoreError;

use crate::{
    Application, Caller,
    fault::{Fault, faults_into},
};

/// What a token with a valid signature says.
#[derive(Debug, Clone, Copy)]
pub struct Presented {
    /// Whose it is.
    pub account: AccountId,
    /// The subject that the account had when it was issued.
    pub subject: TokenSubject,
}

/// What a token with a valid signature says, where the dialect's tokens belong to families.
#[derive(Debug, Clone, Copy)]
pub struct PresentedInFamily {
    /// Whose it is.
    pub account: AccountId,
    /// Its family.
    pub family: FamilyId,
}

/// Why a token with a valid signature is of no use.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticateError {
    /// The account is gone.
    #[error("no such account")]
    UnknownAccount,
    /// The account has another subject by now.
    #[error("the token was revoked")]
    Revoked,
    /// The account is disabled.
    #[error("the account is disabled")]
    Disabled,
    /// The account's mailbox must be proven first.
    #[error("the account is pending")]
    Pending,
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(AuthenticateError: StoreError);

impl Application {
    /// Reads the account of a token, in one round trip, and checks that the token is not revoked.
    pub async fn authenticate(&self, presented: Presented, origin: Origin) -> Result<Caller, AuthenticateError> {
        let found = self.ports.store.read().accounts().find(presented.account).await?;
        let account = found.ok_or(AuthenticateError::UnknownAccount)?;
        if account.subject() != presented.subject {
            return Err(AuthenticateError::Revoked);
        }
        admit(account, None, origin)
    }

    /// Reads the account of a token that belongs to a family of refresh tokens, in one round trip; the token is revoked
    /// once the family has ended.
    pub async fn authenticate_in_family(
        &self,
        presented: PresentedInFamily,
        origin: Origin,
    ) -> Result<Caller, AuthenticateError> {
        let found = self.ports.store.read().families().find(presented.family).await?;
        let (family, account) = found.ok_or(AuthenticateError::Revoked)?;
        if account.id() != presented.account || account.subject() != family.subject {
            return Err(AuthenticateError::Revoked);
        }
        admit(account, Some(family.id), origin)
    }
}

fn admit(account: Account, family: Option<FamilyId>, origin: Origin) -> Result<Caller, AuthenticateError> {
    match account.status() {
        AccountStatus::Active => Ok(Caller::new(account, family, origin)),
        AccountStatus::Disabled => Err(AuthenticateError::Disabled),
        AccountStatus::Pending => Err(AuthenticateError::Pending),
    }
}
