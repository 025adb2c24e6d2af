//! Changing an account: its password, role or usability.

use vestibule_domain::{Account, AccountId, AccountStatus, NewPassword, Role};
use vestibule_ports::StoreError;

use super::AdministrationError;
use crate::{
    Identity, Operator,
    events::Cause,
    passwords::{self, NewHash},
    proofs::Proof,
    unit::Unit,
};

/// What to change.
#[derive(Debug)]
pub enum AccountChange {
    /// A new password; every token of the account ends.
    Password(NewPassword),
    /// Another role.
    Role(Role),
    /// No more sign-in; every token of the account ends, and all that it was mailed.
    Disable,
    /// Sign-in again. Where the mailbox is to be proven, this vouches for it.
    Enable,
}

impl Identity {
    /// Changes an account and returns it as it is now.
    pub async fn change_account(
        &self,
        _operator: Operator,
        id: AccountId,
        change: AccountChange,
    ) -> Result<Account, AdministrationError> {
        let now = self.core.now();
        let hash = match &change {
            AccountChange::Password(password) => Some(self.ports.hasher.hash(password).await?),
            AccountChange::Role(_) | AccountChange::Disable | AccountChange::Enable => None,
        };
        let mut unit = self.core.begin().await?;
        let Guarded { mut account, is_last_root } =
            find_guarded(&mut unit, id).await?.ok_or(AdministrationError::NotFound)?;
        let before = account.clone();
        match change {
            AccountChange::Password(password) => {
                passwords::check_for(account.role(), &password)?;
                if let Some(hash) = hash {
                    let new = NewHash { hash, cause: Cause::OPERATOR };
                    self.set_password(&mut unit, &mut account, new, now).await?;
                }
            }
            AccountChange::Role(role) => account.change_role(role, now),
            AccountChange::Disable => {
                account.disable(self.new_epoch(), now);
                passwords::end_mailed(&mut unit, id).await?;
            }
            AccountChange::Enable if account.status() == AccountStatus::Pending => {
                self.prove_mailbox(&mut unit, &mut account, Proof::KeepsPassword, now).await?;
            }
            AccountChange::Enable => account.enable(now),
        }
        if is_last_root && !account.is_active_root() {
            return Err(AdministrationError::LastRoot);
        }
        unit.accounts().update(&account).await?;
        self.core.record_changes(&mut unit, (&before, &account), &Cause::OPERATOR, now).await?;
        unit.commit().await?;
        Ok(account)
    }
}

/// An account locked for a change, and whether it is the only active root.
pub(crate) struct Guarded {
    pub(crate) account: Account,
    pub(crate) is_last_root: bool,
}

/// Locks the active roots, then the account: of two units that would take the last two roots away, the second waits
/// and sees what the first did.
pub(crate) async fn find_guarded(unit: &mut Unit, id: AccountId) -> Result<Option<Guarded>, StoreError> {
    let roots = unit.accounts().lock_active_roots().await?;
    let account = unit.accounts().find_for_update(id).await?;
    Ok(account.map(|account| Guarded { account, is_last_root: roots == [id] }))
}
