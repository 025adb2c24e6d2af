//! Trading a refresh token for its successor.

use time::OffsetDateTime;
use vestibule_domain::{Account, EventKind, Origin, Presentation, RefreshFamily, RefreshTokenId, TokenUse};

use super::{IssuedRefresh, RefreshError};
use crate::{Application, Fault, events::Cause};

/// How often a use is looked at again because another one came first: more would take as many uses of one family at the
/// same moment.
const ATTEMPTS: u32 = 16;

/// A use of a refresh token whose signature has been checked.
#[derive(Debug)]
pub struct UseRefreshToken {
    /// Where the request came from.
    pub origin: Origin,
    /// The token.
    pub token: RefreshTokenId,
    /// The key by which the client knows its own retries, if it sent one.
    pub retry_key: Option<String>,
}

/// The answer to a use, and to each retry of it.
#[derive(Debug)]
pub struct Refreshed {
    /// The account.
    pub account: Account,
    /// The successor.
    pub refresh: IssuedRefresh,
    /// Now.
    pub at: OffsetDateTime,
}

impl Application {
    /// Gives the successor of a current token, and again to whoever retries; any other use ends the family.
    pub async fn use_refresh_token(&self, input: UseRefreshToken) -> Result<Refreshed, RefreshError> {
        let now = self.now();
        let this = TokenUse::new(self.retry_key_digest(&input), now);
        for _ in 0..ATTEMPTS {
            let found = self.ports.store.read().families().find(input.token.family).await?;
            let (family, account) = found.ok_or(RefreshError::Ended)?;
            if !account.is_active() || account.subject() != family.subject {
                return Err(RefreshError::Ended);
            }
            match self.present(&family, input.token, this) {
                Presentation::Repeat => return Ok(self.refreshed(account, &family, now)),
                Presentation::Advance(next) => {
                    if self.advance(&next).await? {
                        return Ok(self.refreshed(account, &next, now));
                    }
                }
                Presentation::Reuse => {
                    self.end_copied(&family, Cause::anyone(input.origin), now).await?;
                    return Err(RefreshError::Reused);
                }
                Presentation::Expired => return Err(RefreshError::Ended),
            }
        }
        Err(Fault::Overloaded("the family kept changing".into()).into())
    }

    /// The rule of the domain; a token with the number of the current one that is not it is of a history that the store
    /// has lost, and counts as a copy.
    fn present(&self, family: &RefreshFamily, token: RefreshTokenId, this: TokenUse) -> Presentation {
        let presentation = family.present(token.counter, this, &self.policy.refresh);
        let is_current = token == self.current_token(family).id;
        if matches!(presentation, Presentation::Advance(_)) && !is_current { Presentation::Reuse } else { presentation }
    }

    async fn advance(&self, next: &RefreshFamily) -> Result<bool, RefreshError> {
        let mut unit = self.ports.store.write().await?;
        let advanced = unit.families().advance(next).await?;
        unit.commit().await?;
        Ok(advanced)
    }

    async fn end_copied(&self, family: &RefreshFamily, cause: Cause, now: OffsetDateTime) -> Result<(), RefreshError> {
        let mut unit = self.ports.store.write().await?;
        if unit.families().remove(family.id).await? {
            self.record(unit.as_mut(), (EventKind::RefreshReuse, Some(family.account)), &cause, now).await?;
        }
        Ok(unit.commit().await?)
    }

    fn refreshed(&self, account: Account, family: &RefreshFamily, now: OffsetDateTime) -> Refreshed {
        Refreshed { account, refresh: self.current_token(family), at: now }
    }

    fn retry_key_digest(&self, input: &UseRefreshToken) -> Option<vestibule_domain::Digest> {
        let family = input.token.family.uuid();
        let key = input.retry_key.as_ref()?;
        Some(self.ports.keyring.digest("retry-key", &[family.as_bytes(), key.as_bytes()]))
    }
}
