//! Noting that somebody is in, whichever way.

use time::OffsetDateTime;
use vestibule_domain::{AccountId, EventKind, Origin, SignInOutcome};
use vestibule_ports::StoreError;

use crate::{Identity, events::Cause, unit::Unit};

impl Identity {
    /// Notes a success on the account, which it locks, and remembers its source.
    pub(crate) async fn note_sign_in(
        &self,
        unit: &mut Unit,
        account: AccountId,
        origin: &Origin,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        unit.accounts().note_sign_in(account, SignInOutcome::Succeeded, now).await?;
        unit.sources().remember(account, origin.source, now).await?;
        let cause = Cause::owner(account, origin.clone());
        self.core.record(unit, cause.of(EventKind::SignIn, Some(account)), now).await
    }
}
