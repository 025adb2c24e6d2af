//! The sessions of an account: seeing and ending them.

use time::OffsetDateTime;
use vestibule_domain::{Account, AccountId, EventKind, Session};

use super::AccountError;
use crate::{Fault, Identity, Operator, events::Cause};

/// The most sessions that are read: many more than an account may have.
const SHOWN: u32 = 1_000;

/// A session that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    pub session: Session,
    /// When it ends, unless it is used before.
    pub expires_at: OffsetDateTime,
}

impl Identity {
    /// The sessions of an account that can be used, the one that began last first, at most 1000.
    pub async fn list_sessions(&self, _operator: Operator, account: &Account) -> Result<Vec<OpenSession>, Fault> {
        let now = self.core.now();
        let sessions = self.core.read().sessions().list_of_account(account.id(), SHOWN).await?;
        let open = |session: Session| {
            let expires_at = session.expires_at(&self.core.policy.refresh);
            let is_open = account.is_active() && session.owner.epoch() == Some(account.epoch()) && now < expires_at;
            is_open.then_some(OpenSession { session, expires_at })
        };
        Ok(sessions.into_iter().filter_map(open).collect())
    }

    /// Ends every session and token of an account, so that all its clients have to sign in again; how many sessions it was.
    pub async fn end_sessions(&self, _operator: Operator, account: AccountId) -> Result<u64, AccountError> {
        let now = self.core.now();
        let mut unit = self.core.begin().await?;
        let mut account = unit.accounts().find_for_update(account).await?.ok_or(AccountError::NotFound)?;
        account.end_tokens(self.new_epoch(), now);
        unit.accounts().update(&account).await?;
        let ended = unit.sessions().remove_of_account(account.id()).await?;
        self.core.record(&mut unit, Cause::OPERATOR.of(EventKind::SignOut, Some(account.id())), now).await?;
        unit.commit().await?;
        Ok(ended)
    }
}
