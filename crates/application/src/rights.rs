//! Who may read and change whom.

use time::OffsetDateTime;
use vestibule_domain::{Account, AccountId, Permission, PermissionSet, Role};

/// Whether an account may read all others: root, admin, and whoever holds `user-read`.
pub fn may_read_users(caller: &Account) -> bool {
    caller.may(Permission::UserRead)
}

/// Whether an account answers for the operator in the conversations of others: admin and root.
pub fn may_answer(caller: &Account) -> bool {
    caller.role() >= Role::Admin
}

/// Whether an account may read the dossiers of others: who reviews them may, too.
pub fn may_read_dossiers(caller: &Account) -> bool {
    caller.may(Permission::DossierRead) || may_review(caller)
}

/// Whether an account may decide about the dossiers of others.
pub fn may_review(caller: &Account) -> bool {
    caller.may(Permission::DossierReview)
}

/// Whether an account is allowed something in a dialect where a change of password that is due comes first.
pub fn may_at_once(caller: &Account, permission: Permission) -> bool {
    !caller.password_change_due() && caller.may(permission)
}

/// The same for what is allowed to roots alone: making, showing, editing and removing the accounts of others.
pub fn rules_at_once(caller: &Account) -> bool {
    !caller.password_change_due() && caller.role() == Role::Root
}

/// What an account is to be allowed, where a dialect has one list for its role and its permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rights {
    /// Everything: a root.
    pub all: bool,
    /// The permissions that the dialect has words for; the others stay as they are.
    pub among: PermissionSet,
    /// Those of them that are granted.
    pub granted: PermissionSet,
}

impl Rights {
    /// The role that goes with them. What a role allows is taken away by taking the role: an admin stays one only with all
    /// that comes with that.
    pub fn role(&self, present: Role) -> Role {
        let is_enough = |permission: Permission| !permission.comes_with_admin() || self.granted.contains(permission);
        match present {
            _ if self.all => Role::Root,
            Role::Admin if self.among.iter().all(is_enough) => Role::Admin,
            Role::User | Role::Admin | Role::Root => Role::User,
        }
    }

    /// The stored permissions with these instead of the earlier ones.
    pub fn permissions(&self, present: PermissionSet) -> PermissionSet {
        let others = self.among.iter().fold(present, PermissionSet::without);
        self.granted.iter().fold(others, PermissionSet::with)
    }

    /// Gives them to an account.
    pub(crate) fn give(&self, account: &mut Account, now: OffsetDateTime) {
        if self.role(account.role()) != account.role() {
            account.change_role(self.role(account.role()), now);
        }
        account.change_permissions(self.permissions(account.permissions()), now);
    }
}

/// Whether an account may make another of a role: a root makes admins and users, any other account users, none a root.
pub fn may_make(caller: &Account, role: Role) -> bool {
    match role {
        Role::User => true,
        Role::Admin => caller.role() == Role::Root,
        Role::Root => false,
    }
}

/// Whether an account may change and remove another: a root everybody, an admin users, and a user with `user-modify`
/// users without it.
pub fn may_modify(caller: &Account, target: &Account) -> bool {
    match caller.role() {
        Role::Root => true,
        Role::Admin => target.role() == Role::User,
        Role::User => {
            caller.may(Permission::UserModify)
                && target.role() == Role::User
                && !target.permissions().contains(Permission::UserModify)
        }
    }
}

/// Whether an account may read, store and remove the documents of another's dossier: the owner, an admin and a root.
pub fn may_handle_documents(caller: &Account, owner: AccountId) -> bool {
    caller.id() == owner || matches!(caller.role(), Role::Admin | Role::Root)
}

/// Whether an account sees profiles that are not public: who may read or approve them.
pub fn may_see_unapproved(caller: &Account) -> bool {
    may_at_once(caller, Permission::ProfileView) || may_at_once(caller, Permission::ProfileManage)
}

/// Whether an account may fill and change the places: a root, and an account that holds the permission itself. An admin
/// does not have it by its role.
pub fn may_change_places(caller: &Account) -> bool {
    may_at_once(caller, Permission::AppPreferences)
}

#[cfg(test)]
mod tests {
    use vestibule_testkit::AccountBuilder;

    use super::*;

    const ADMINS: [Permission; 2] = [Permission::ProfileView, Permission::ProfileManage];

    fn set(permissions: &[Permission]) -> PermissionSet {
        permissions.iter().copied().fold(PermissionSet::EMPTY, PermissionSet::with)
    }

    fn rights(all: bool, granted: &[Permission]) -> Rights {
        Rights { all, among: set(&[ADMINS[0], ADMINS[1], Permission::AppPreferences]), granted: set(granted) }
    }

    #[test]
    fn everything_makes_a_root_and_anything_less_unmakes_one() {
        for role in [Role::User, Role::Admin, Role::Root] {
            assert_eq!(rights(true, &[]).role(role), Role::Root);
        }
        for granted in [&[][..], &ADMINS, &[ADMINS[0], ADMINS[1], Permission::AppPreferences]] {
            assert_eq!(rights(false, granted).role(Role::Root), Role::User);
            assert_eq!(rights(false, granted).role(Role::User), Role::User);
        }
    }

    #[test]
    fn an_admin_stays_one_only_with_all_that_comes_with_the_role() {
        assert_eq!(rights(false, &ADMINS).role(Role::Admin), Role::Admin);
        assert_eq!(rights(false, &[ADMINS[0], ADMINS[1], Permission::AppPreferences]).role(Role::Admin), Role::Admin);
        assert_eq!(rights(false, &ADMINS[..1]).role(Role::Admin), Role::User);
        assert_eq!(rights(false, &[]).role(Role::Admin), Role::User);
    }

    #[test]
    fn permissions_that_the_dialect_has_no_words_for_stay() {
        let mut account = AccountBuilder::numbered(1)
            .permissions(set(&[Permission::PostRead, Permission::UserRead, Permission::ProfileView]))
            .build();
        rights(false, &[Permission::ProfileManage]).give(&mut account, OffsetDateTime::UNIX_EPOCH);
        let expected = set(&[Permission::PostRead, Permission::UserRead, Permission::ProfileManage]);
        assert_eq!(account.permissions(), expected);
    }

    #[test]
    fn a_change_of_password_that_is_due_comes_before_every_right() {
        let root = |builder: AccountBuilder| builder.role(Role::Root).build();
        let (free, due) = (root(AccountBuilder::numbered(1)), root(AccountBuilder::numbered(2).password_change_due()));
        assert!(rules_at_once(&free) && may_at_once(&free, Permission::ProfileView));
        assert!(!rules_at_once(&due) && !may_at_once(&due, Permission::ProfileView));
    }
}
