//! Changing an account's role, status and permissions.

use time::OffsetDateTime;
use vestibule_domain::{Account, AccountStatus, DossierChange, Permission, Role};

use super::{AccountError, Authority};
use crate::{Identity, dossier::edit_dossier, passwords::end_mailed, proofs::Proof, sign_in::MailboxProof};

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
pub struct AccountChange {
    /// The role. Only a root may give another one than user.
    pub role: Option<NewRole>,
    pub status: Option<NewStatus>,
    /// Whether an active account is shown as one whose mailbox is to be proven, as long as it is not.
    pub proof: MailboxProof,
    /// Permissions to grant or take away. A caller grants and takes only what it may do itself; to set
    /// what is stored is no change.
    pub permissions: Vec<(Permission, bool)>,
    /// The fields of the dossier that the staff sets.
    pub dossier: DossierChange,
}

impl AccountChange {
    /// Another role and nothing else.
    #[must_use]
    pub fn role(role: NewRole) -> Self {
        Self { role: Some(role), ..Self::default() }
    }

    /// Another status and nothing else.
    #[must_use]
    pub fn status(status: NewStatus) -> Self {
        Self { status: Some(status), ..Self::default() }
    }
}

impl Identity {
    /// Changes an account, and returns it as it is now.
    pub async fn change_account(
        &self,
        authority: Authority<'_>,
        change: AccountChange,
    ) -> Result<Account, AccountError> {
        if change.role.is_some_and(|role| !authority.may_give(role.role())) {
            return Err(AccountError::Forbidden);
        }
        let mut unit = self.core.begin().await?;
        let guarded = authority.lock(&mut unit).await?;
        let before = guarded.account();
        // A client sends all flags back, also those that it leaves as they are.
        let stored = before.permissions();
        let changes =
            |permission, granted| stored != if granted { stored.with(permission) } else { stored.without(permission) };
        if change
            .permissions
            .iter()
            .any(|(permission, granted)| changes(*permission, *granted) && !authority.may_grant(*permission))
        {
            return Err(AccountError::Forbidden);
        }
        let (mut account, now) = (before.clone(), self.core.now());
        let vouched = apply(&mut account, &change, now);
        // Also an account that is disabled already: its tokens would live again with it.
        if change.status == Some(NewStatus::Suspended) {
            account.disable(self.new_epoch(), now);
        }
        guarded.check(Some(&account))?;
        if vouched {
            self.prove_mailbox(&mut unit, &mut account, Proof::KeepsPassword, now).await?;
        } else {
            unit.accounts().update(&account).await?;
        }
        if is_disabled(&account) && !is_disabled(before) {
            end_mailed(&mut unit, account.id()).await?;
        }
        self.core.record_changes(&mut unit, (before, &account), &authority.cause(), now).await?;
        edit_dossier(&mut unit, &account, change.dossier, now).await?;
        unit.commit().await?;
        Ok(account)
    }
}

fn is_disabled(account: &Account) -> bool {
    account.status() == AccountStatus::Disabled
}

/// Whether the change vouches for the mailbox, which is then to be proven.
fn apply(account: &mut Account, change: &AccountChange, now: OffsetDateTime) -> bool {
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
