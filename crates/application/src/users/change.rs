//! Changing another account's role, status and permissions.

use time::OffsetDateTime;
use vestibule_domain::{Account, AccountId, AccountStatus, DossierChange, Permission, Role};

use super::UserError;
use crate::{
    Caller, Identity, administration::find_guarded, dossier::edit_dossier, events::Cause, passwords::end_mailed,
    proofs::Proof, rights::may_modify, sign_in::MailboxProof,
};

/// An account that the caller was found to have the right to change.
#[derive(Debug, Clone, Copy)]
pub struct ModifiableUser(AccountId);

/// The status to set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewStatus {
    /// Usable. Where the account was shown as one whose mailbox is to be proven, this vouches for the mailbox.
    Active,
    /// Not usable; tokens live again when it is made active, codes and links do not.
    Disabled,
    /// Not usable; every token ends, and so do codes and links.
    Suspended,
    /// Not usable until the mailbox is proven.
    Unproven,
}

/// The role to set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewRole {
    /// This one.
    Exactly(Role),
    /// This one for an account of a lower role, where the dialect shows a higher one by the same word.
    AtLeast(Role),
}

impl NewRole {
    /// The role that an account is to have; none if it keeps its own.
    fn of(self, account: &Account) -> Option<Role> {
        let (Self::Exactly(role) | Self::AtLeast(role)) = self;
        let is_enough = match self {
            Self::Exactly(_) => account.role() == role,
            Self::AtLeast(_) => account.role() >= role,
        };
        (!is_enough).then_some(role)
    }

    const fn role(self) -> Role {
        let (Self::Exactly(role) | Self::AtLeast(role)) = self;
        role
    }
}

/// What to change; the rest stays.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    /// The role. Only a root may give another one than user.
    pub role: Option<NewRole>,
    /// The status.
    pub status: Option<NewStatus>,
    /// Whether an active account is shown as one whose mailbox is to be proven, as long as it is not.
    pub proof: MailboxProof,
    /// Permissions to grant or take away. A caller grants and takes only what it may do itself; to set
    /// what is stored is no change.
    pub permissions: Vec<(Permission, bool)>,
    /// The fields of the dossier that the staff sets.
    pub dossier: DossierChange,
}

impl Identity {
    /// Finds the account of an id that the caller may change.
    pub async fn find_modifiable(&self, caller: &Caller, id: AccountId) -> Result<ModifiableUser, UserError> {
        let account = self.show_account(id).await?.ok_or(UserError::NotFound)?;
        if may_modify(caller.account(), &account) { Ok(ModifiableUser(id)) } else { Err(UserError::Forbidden) }
    }

    /// Changes it, and returns it as it is now.
    pub async fn change_user(
        &self,
        caller: &Caller,
        user: ModifiableUser,
        change: UserChange,
    ) -> Result<Account, UserError> {
        let cause = Cause::from(caller);
        let caller = caller.account();
        let gives_role = change.role.is_some_and(|role| role.role() != Role::User);
        if gives_role && caller.role() != Role::Root {
            return Err(UserError::Forbidden);
        }
        let mut unit = self.core.begin().await?;
        let mut guarded = find_guarded(&mut unit, user.0).await?.ok_or(UserError::NotFound)?;
        // Asked again on the locked row: it may have been promoted since.
        if !may_modify(caller, &guarded.account) {
            return Err(UserError::Forbidden);
        }
        // A client sends all flags back, also those that it leaves as they are.
        let stored = guarded.account.permissions();
        let changes =
            |permission, granted| stored != if granted { stored.with(permission) } else { stored.without(permission) };
        if change
            .permissions
            .iter()
            .any(|(permission, granted)| changes(*permission, *granted) && !caller.may(*permission))
        {
            return Err(UserError::Forbidden);
        }
        let (before, now) = (guarded.account.clone(), self.core.now());
        let vouched = apply(&mut guarded.account, &change, now);
        // Also an account that is disabled already: its tokens would live again with it.
        if change.status == Some(NewStatus::Suspended) {
            guarded.account.disable(self.new_epoch(), now);
        }
        if guarded.is_last_root && !guarded.account.is_active_root() {
            return Err(UserError::LastRoot);
        }
        if vouched {
            self.prove_mailbox(&mut unit, &mut guarded.account, Proof::KeepsPassword, now).await?;
        } else {
            unit.accounts().update(&guarded.account).await?;
        }
        if is_disabled(&guarded.account) && !is_disabled(&before) {
            end_mailed(&mut unit, user.0).await?;
        }
        self.core.record_changes(&mut unit, (&before, &guarded.account), &cause, now).await?;
        edit_dossier(&mut unit, &guarded.account, change.dossier, now).await?;
        unit.commit().await?;
        Ok(guarded.account)
    }
}

impl ModifiableUser {
    pub(super) const fn id(self) -> AccountId {
        self.0
    }
}

fn is_disabled(account: &Account) -> bool {
    account.status() == AccountStatus::Disabled
}

/// Whether the change vouches for the mailbox, which is then to be proven.
fn apply(account: &mut Account, change: &UserChange, now: OffsetDateTime) -> bool {
    if let Some(role) = change.role.and_then(|role| role.of(account)) {
        account.change_role(role, now);
    }
    let before = change.proof.status_of(account);
    match change.status {
        Some(NewStatus::Active) if !account.is_active() => account.enable(now),
        Some(NewStatus::Disabled) => account.lock(now),
        // An active account that is shown so already would lose its sign-in for nothing, and a sign-up could take it away.
        Some(NewStatus::Unproven) if before != AccountStatus::Pending => account.suspend_until_proven(now),
        Some(NewStatus::Active | NewStatus::Unproven | NewStatus::Suspended) | None => {}
    }
    // To set what is shown already vouches for nothing. To lift a block does only where it would not show otherwise.
    let is_needed = before == AccountStatus::Pending || change.proof.status_of(account) != AccountStatus::Active;
    let vouches = change.status == Some(NewStatus::Active) && before != AccountStatus::Active && is_needed;
    let permissions = change.permissions.iter().fold(account.permissions(), |set, (permission, granted)| {
        if *granted { set.with(*permission) } else { set.without(*permission) }
    });
    account.change_permissions(permissions, now);
    vouches
}
