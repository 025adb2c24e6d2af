//! Trading a refresh token for its successor.

use std::time::Duration;

use time::OffsetDateTime;
use tokio::time::sleep;
use vestibule_domain::{Account, EventKind, Origin, Owner, Presentation, RefreshTokenId, Session, TokenUse};
use vestibule_ports::Advance;

use super::{IssuedRefresh, RefreshError};
use crate::{Fault, Identity, events::Cause};

/// How often a use is tried again because another transaction was changing its session.
const ATTEMPTS: u32 = 8;
/// The pause before the second look; each later one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(2);

/// A use of a refresh token whose signature has been checked.
#[derive(Debug)]
pub struct UseRefreshToken {
    /// Where the request came from.
    pub origin: Origin,
    pub token: RefreshTokenId,
    /// The key by which the client knows its own retries, if it sent one.
    pub retry_key: Option<String>,
}

/// The answer to a use, and to each retry of it.
#[derive(Debug)]
pub struct Refreshed {
    pub account: Account,
    /// The successor.
    pub refresh: IssuedRefresh,
    /// Now.
    pub at: OffsetDateTime,
}

impl Identity {
    /// Gives the successor of a current token, and the same one to a retry; any other use ends the session.
    ///
    /// A use is taken for that of a current token at first, which nearly all are, and judged by what the session was: the
    /// answer leaves only then.
    pub async fn use_refresh_token(&self, input: UseRefreshToken) -> Result<Refreshed, RefreshError> {
        let now = self.core.now();
        let token_use = TokenUse::new(self.retry_key_digest(&input), now);
        let UseRefreshToken { origin, token, .. } = input;
        for attempt in 0..ATTEMPTS {
            let advance = Advance { session: token.session, counter: token.counter, token_use };
            if let Some(before) = self.advances.ask(advance).await? {
                return match self.judge(&before, token, token_use) {
                    Presentation::Advance => self.refreshed(before.advanced(token_use), now),
                    refused => Err(self.end_session(&before, refused, origin, now).await?),
                };
            }
            let found = self.core.read().sessions().find(token.session).await?;
            let session = found.filter(Session::is_usable).ok_or(RefreshError::Ended)?;
            match self.judge(&session, token, token_use) {
                Presentation::Advance => sleep(FIRST_PAUSE * 2_u32.pow(attempt)).await,
                Presentation::Repeat => return self.refreshed(session, now),
                refused => return Err(self.end_session(&session, refused, origin, now).await?),
            }
        }
        Err(Fault::overloaded("the session kept changing").into())
    }

    /// The rule of the domain; a token with the number of the current one that is not it is of a history that the store
    /// has lost, and counts as a copy.
    fn judge(&self, session: &Session<Account>, token: RefreshTokenId, token_use: TokenUse) -> Presentation {
        let presentation = session.present(token.counter, token_use, &self.core.policy.refresh);
        let is_current = token == self.current_token(session).id;
        if presentation == Presentation::Advance && !is_current { Presentation::Reuse } else { presentation }
    }

    /// Ends a session that is too old or was copied; what the user of its token is told.
    async fn end_session(
        &self,
        session: &Session<Account>,
        refused: Presentation,
        origin: Origin,
        now: OffsetDateTime,
    ) -> Result<RefreshError, RefreshError> {
        let is_reuse = refused == Presentation::Reuse;
        let mut unit = self.core.begin().await?;
        if unit.sessions().remove(session.id).await? && is_reuse {
            let account = match &session.owner {
                Owner::Account { account, .. } => Some(account.id()),
                Owner::Anonymous => None,
            };
            let cause = Cause::anyone(origin);
            self.core.record(&mut unit, cause.of(EventKind::RefreshReuse, account), now).await?;
        }
        unit.commit().await?;
        Ok(if is_reuse { RefreshError::Reused } else { RefreshError::Ended })
    }

    /// Here an anonymous session has no successor: it is no session of an account.
    fn refreshed(&self, session: Session<Account>, now: OffsetDateTime) -> Result<Refreshed, RefreshError> {
        let refresh = self.current_token(&session);
        match session.owner {
            Owner::Account { account, .. } => Ok(Refreshed { account, refresh, at: now }),
            Owner::Anonymous => Err(RefreshError::Ended),
        }
    }

    fn retry_key_digest(&self, input: &UseRefreshToken) -> Option<vestibule_domain::Digest> {
        let session = input.token.session.uuid();
        let key = input.retry_key.as_ref()?;
        Some(self.core.ports.keyring.digest("retry-key", &[session.as_bytes(), key.as_bytes()]))
    }
}
