//! Sessions of clients that do not sign in.

use time::OffsetDateTime;
use vestibule_domain::{Origin, Owner, Session, SessionId};

use crate::{Fault, Identity};

/// A session of no account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnonymousSession {
    pub id: SessionId,
    /// When it began.
    pub at: OffsetDateTime,
}

impl Identity {
    /// Begins a session of no account, of which one source may begin so many a minute.
    pub async fn begin_anonymous_session(&self, origin: &Origin) -> Result<AnonymousSession, Fault> {
        self.limits.anonymous_session(origin.source)?;
        let now = self.core.now();
        let session = Session::begin(SessionId::new(now, self.core.random()), Owner::Anonymous, now);
        let mut unit = self.core.begin().await?;
        unit.sessions().insert(&session, self.core.policy.refresh.per_account).await?;
        unit.commit().await?;
        Ok(AnonymousSession { id: session.id, at: now })
    }
}
