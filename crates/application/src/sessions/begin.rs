//! Beginning a session, and naming its tokens.

use time::OffsetDateTime;
use vestibule_domain::{Account, Owner, RefreshTokenId, Session, SessionId};
use vestibule_ports::StoreError;

use crate::{Identity, unit::Unit};

/// What a refresh token is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IssuedRefresh {
    /// What tells it from all others.
    pub id: RefreshTokenId,
    /// When it was issued: the same for every retry of the use that it is the answer to.
    pub at: OffsetDateTime,
    /// When it expires.
    pub expires_at: OffsetDateTime,
}

impl Identity {
    /// Begins a session for an account that has just signed in.
    pub(crate) async fn begin_session(
        &self,
        unit: &mut Unit,
        account: &Account,
        now: OffsetDateTime,
    ) -> Result<IssuedRefresh, StoreError> {
        let session = Session::begin(SessionId::new(now, self.core.random()), Owner::of(account), now);
        unit.sessions().insert(&session, self.core.policy.refresh.per_account).await?;
        Ok(self.current_token(&session))
    }

    /// The current token of a session, the same each time it is asked for.
    pub(super) fn current_token<A>(&self, session: &Session<A>) -> IssuedRefresh {
        let id = session.id.uuid();
        let key = session.last_use.and_then(|last| last.key);
        let parts = [
            id.as_bytes().as_slice(),
            &session.counter.to_be_bytes(),
            key.as_ref().map_or(&[][..], |key| key.bytes().as_slice()),
        ];
        let tag = self.core.ports.keyring.digest("refresh-token", &parts);
        IssuedRefresh {
            id: RefreshTokenId::new(session.id, session.counter, &tag),
            at: session.issued_at(),
            expires_at: session.expires_at(&self.core.policy.refresh),
        }
    }
}
