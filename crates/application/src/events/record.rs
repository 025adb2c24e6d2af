//! Recording what happened.

use time::OffsetDateTime;
use vestibule_domain::{Account, AccountId, AccountStatus, Actor, EventId, EventKind, Origin, SecurityEvent};
use vestibule_ports::StoreError;

use crate::{Caller, Core, unit::Unit};

/// Who brings something about, and by which request.
#[derive(Debug, Clone)]
pub(crate) struct Cause {
    actor: Actor,
    origin: Option<Origin>,
}

impl Cause {
    /// Somebody who is not signed in.
    pub(crate) const fn anyone(origin: Origin) -> Self {
        Self { actor: Actor::Anyone, origin: Some(origin) }
    }

    /// Somebody who signs in with this request.
    pub(crate) const fn owner(account: AccountId, origin: Origin) -> Self {
        Self { actor: Actor::Account(account), origin: Some(origin) }
    }

    /// Somebody at the console.
    pub(crate) const OPERATOR: Self = Self { actor: Actor::Operator, origin: None };
}

/// An event that is to be recorded.
pub(crate) struct Happening<'cause> {
    kind: EventKind,
    account: Option<AccountId>,
    cause: &'cause Cause,
}

impl Cause {
    /// An event that this is the cause of, and the account that it happened to, if it did to one.
    pub(crate) const fn of(&self, kind: EventKind, account: Option<AccountId>) -> Happening<'_> {
        Happening { kind, account, cause: self }
    }
}

impl From<&Caller> for Cause {
    fn from(caller: &Caller) -> Self {
        Self { actor: caller.actor(), origin: Some(caller.origin().clone()) }
    }
}

impl Core {
    /// Writes an event; it stays if the unit is committed.
    pub(crate) async fn record(
        &self,
        unit: &mut Unit,
        happening: Happening<'_>,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let Happening { kind, account, cause } = happening;
        let event = SecurityEvent {
            id: EventId::new(now, self.random()),
            kind,
            account,
            actor: cause.actor,
            origin: cause.origin.clone(),
            at: now,
        };
        unit.events().insert(&event).await
    }

    /// Writes the events that the difference between an account before and after a change amounts to.
    pub(crate) async fn record_changes(
        &self,
        unit: &mut Unit,
        (before, after): (&Account, &Account),
        cause: &Cause,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let is_disabled = |account: &Account| account.status() == AccountStatus::Disabled;
        let is_pending = |account: &Account| account.status() == AccountStatus::Pending;
        let is_vouched_for = (is_pending(before) && after.is_active())
            || (before.mailbox_proven_at().is_none() && after.mailbox_proven_at().is_some());
        let demand_changes = before.password_change_due() != after.password_change_due();
        // With another password its owner has met the demand.
        let is_met = !after.password_change_due() && before.password() != after.password();
        let events = [
            (before.role() != after.role(), EventKind::RoleChange),
            (!is_disabled(before) && is_disabled(after), EventKind::Block),
            (is_disabled(before) && !is_disabled(after), EventKind::Unblock),
            (before.permissions() != after.permissions(), EventKind::PermissionChange),
            (demand_changes && !is_met, EventKind::PasswordDemand),
            (is_vouched_for || (!is_pending(before) && is_pending(after)), EventKind::ProofChange),
        ];
        for (_, kind) in events.into_iter().filter(|(happened, _)| *happened) {
            self.record(unit, cause.of(kind, Some(after.id())), now).await?;
        }
        Ok(())
    }
}
