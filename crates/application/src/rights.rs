//! Who may read and change whom.

use vestibule_domain::{Account, AccountId, Permission, Role};

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
