//! Turning the content of a checked token into a caller.

use vestibule_domain::{Account, AccountId, AccountStatus, EpochClaim, Origin, Owner, SessionId};
use vestibule_ports::StoreError;

use crate::{
    Caller, Identity, Principal, Sitting,
    caller::Visitor,
    fault::{Fault, faults_into},
};

/// What a token with a valid signature says.
#[derive(Debug, Clone, Copy)]
pub struct Presented {
    /// Whose it is.
    pub account: AccountId,
    /// The epoch that the account had when it was issued.
    pub epoch: EpochClaim,
}

/// What a token with a valid signature says, where the dialect's tokens belong to sessions.
#[derive(Debug, Clone, Copy)]
pub struct PresentedInSession {
    /// Whose it is.
    pub account: AccountId,
    pub session: SessionId,
}

/// What a token with a valid signature says, where clients that did not sign in have tokens too.
#[derive(Debug, Clone, Copy)]
pub struct PresentedByAnyone {
    /// Whose it is; none for an anonymous token.
    pub account: Option<AccountId>,
    pub session: SessionId,
}

/// Why a token with a valid signature is of no use.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticateError {
    /// The account is gone.
    #[error("no such account")]
    UnknownAccount,
    /// The account has another epoch by now.
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

impl Identity {
    /// Reads the account of a token, in one round trip, which requests that come at once share, and checks that the token is not revoked.
    pub async fn authenticate(&self, presented: Presented, origin: Origin) -> Result<Caller, AuthenticateError> {
        let found = self.lookups.ask(presented.account).await?;
        let account = found.ok_or(AuthenticateError::UnknownAccount)?;
        if !presented.epoch.is_of(account.epoch()) {
            return Err(AuthenticateError::Revoked);
        }
        admit(account, None, origin)
    }

    /// Reads the session of a token, with its account if it has one, in one round trip; the token is revoked once the
    /// session has ended.
    pub async fn identify(&self, session: SessionId, origin: Origin) -> Result<Principal, AuthenticateError> {
        let found = self.core.read().sessions().find(session).await?.ok_or(AuthenticateError::Revoked)?;
        let expires_at = found.expires_at(&self.core.policy.refresh);
        let sitting = Sitting { id: session, began_at: found.began_at };
        match found.owner {
            Owner::Account { account, epoch } if account.epoch() == epoch => {
                admit(account, Some(sitting), origin).map(Principal::Account)
            }
            Owner::Account { .. } => Err(AuthenticateError::Revoked),
            // No account's standing ends it before.
            Owner::Anonymous if expires_at <= self.core.now() => Err(AuthenticateError::Revoked),
            Owner::Anonymous => Ok(Principal::Anonymous(Visitor::new(sitting, origin))),
        }
    }

    /// The same for a token that names an account too, which must be that of the session.
    pub async fn authenticate_in_session(
        &self,
        presented: PresentedInSession,
        origin: Origin,
    ) -> Result<Caller, AuthenticateError> {
        let PresentedInSession { account, session } = presented;
        let presented = PresentedByAnyone { account: Some(account), session };
        self.authenticate_anyone(presented, origin).await?.caller().ok_or(AuthenticateError::Revoked)
    }

    /// The same where clients that did not sign in have tokens too: one is for an anonymous session if and only if it names
    /// no account.
    pub async fn authenticate_anyone(
        &self,
        presented: PresentedByAnyone,
        origin: Origin,
    ) -> Result<Principal, AuthenticateError> {
        let principal = self.identify(presented.session, origin).await?;
        if principal.account() == presented.account { Ok(principal) } else { Err(AuthenticateError::Revoked) }
    }
}

fn admit(account: Account, sitting: Option<Sitting>, origin: Origin) -> Result<Caller, AuthenticateError> {
    match account.status() {
        AccountStatus::Active => Ok(Caller::new(account, sitting, origin)),
        AccountStatus::Disabled => Err(AuthenticateError::Disabled),
        AccountStatus::Pending => Err(AuthenticateError::Pending),
    }
}
