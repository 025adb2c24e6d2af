//! Rights over accounts as values: a use case that needs a right takes the value, so that no caller can forget to ask.
//!
//! An [`Operator`] has every right, a [`Caller`] those that its account gives. A value lives no longer than the request.

use std::marker::PhantomData;

use vestibule_domain::{Account, AccountId, Permission, Role};

use super::{AccountError, guard::Guarded};
use crate::{
    Caller, Operator,
    events::Cause,
    rights::{may_modify, may_read_users, rules_at_once},
    unit::Unit,
};

/// The caller does not have the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the caller has not the right")]
pub struct Forbidden;

/// The right to read every account.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'holder>(PhantomData<&'holder ()>);

/// The right of admins and roots to read every account with its dossier.
#[derive(Debug, Clone, Copy)]
pub struct Staff<'holder>(PhantomData<&'holder ()>);

/// The right to read one account with its dossier: the owner's and the staff's.
#[derive(Debug, Clone, Copy)]
pub struct Viewer<'holder> {
    pub(super) caller: &'holder Caller,
    pub(super) account: AccountId,
}

/// The right to make accounts of any role, and to show, edit and remove those of others.
#[derive(Debug, Clone, Copy)]
pub struct Ruler<'holder>(Holder<'holder>);

/// The right to change one account and to remove it.
#[derive(Debug, Clone, Copy)]
pub struct Authority<'holder> {
    over: AccountId,
    holder: Holder<'holder>,
}

#[derive(Debug, Clone, Copy)]
enum Holder<'holder> {
    Operator,
    Caller(&'holder Caller),
}

impl Holder<'_> {
    fn cause(self) -> Cause {
        match self {
            Self::Operator => Cause::OPERATOR,
            Self::Caller(caller) => caller.into(),
        }
    }
}

impl Operator {
    /// Every account may be read.
    pub const fn as_reader(self) -> Reader<'static> {
        Reader(PhantomData)
    }

    /// Accounts of any role may be made.
    pub const fn as_ruler(self) -> Ruler<'static> {
        Ruler(Holder::Operator)
    }

    /// Every account may be changed, whether or not it exists.
    pub const fn authority_over(self, account: AccountId) -> Authority<'static> {
        Authority { over: account, holder: Holder::Operator }
    }
}

impl Caller {
    /// For those who may read all accounts.
    pub fn as_reader(&self) -> Result<Reader<'_>, Forbidden> {
        permit(may_read_users(self.account()), Reader(PhantomData))
    }

    /// For admins and roots.
    pub fn as_staff(&self) -> Result<Staff<'_>, Forbidden> {
        permit(self.account().role() >= Role::Admin, Staff(PhantomData))
    }

    /// For roots, whether or not a change of their password is due.
    pub fn check_is_root(&self) -> Result<(), Forbidden> {
        permit(self.account().role() == Role::Root, ())
    }

    /// For the owner of an account and for the staff, whether or not the account exists.
    pub fn as_viewer_of(&self, account: AccountId) -> Result<Viewer<'_>, Forbidden> {
        permit(self.id() == account || self.account().role() >= Role::Admin, Viewer { caller: self, account })
    }

    /// For roots without a change of password that is due.
    pub fn as_ruler(&self) -> Result<Ruler<'_>, Forbidden> {
        permit(rules_at_once(self.account()), Ruler(Holder::Caller(self)))
    }

    /// For those who may change this account, as it was read.
    pub fn authority_over(&self, account: &Account) -> Result<Authority<'_>, Forbidden> {
        let authority = Authority { over: account.id(), holder: Holder::Caller(self) };
        permit(may_modify(self.account(), account), authority)
    }
}

fn permit<T>(is_permitted: bool, right: T) -> Result<T, Forbidden> {
    if is_permitted { Ok(right) } else { Err(Forbidden) }
}

impl Ruler<'_> {
    pub(super) fn cause(self) -> Cause {
        self.0.cause()
    }
}

impl Authority<'_> {
    pub(super) fn cause(self) -> Cause {
        self.holder.cause()
    }

    /// Whether the holder may give this role.
    pub(super) fn may_give(self, role: Role) -> bool {
        match self.holder {
            Holder::Operator => true,
            Holder::Caller(caller) => role == Role::User || caller.account().role() == Role::Root,
        }
    }

    /// Whether the holder may grant and take away a permission: a caller only what it may do itself.
    pub(super) fn may_grant(self, permission: Permission) -> bool {
        match self.holder {
            Holder::Operator => true,
            Holder::Caller(caller) => caller.account().may(permission),
        }
    }

    /// Locks the account, and asks for the right again: the account may have been promoted since it was read.
    pub(super) async fn lock(self, unit: &mut Unit) -> Result<Guarded, AccountError> {
        let guarded = Guarded::lock(unit, self.over).await?.ok_or(AccountError::NotFound)?;
        match self.holder {
            Holder::Caller(caller) if !may_modify(caller.account(), guarded.account()) => Err(AccountError::Forbidden),
            Holder::Operator | Holder::Caller(_) => Ok(guarded),
        }
    }
}
