//! The dialect's words for roles and for the states of an account.

use vestibule_domain::{AccountStatus, Role};

const ROLES: [Role; 3] = [Role::User, Role::Admin, Role::Root];

/// The word for a role.
pub(super) const fn role(role: Role) -> &'static str {
    match role {
        Role::User => "user",
        Role::Admin => "admin",
        Role::Root => "superadmin",
    }
}

/// The role that a word stands for.
pub(super) fn role_of(word: &str) -> Option<Role> {
    ROLES.into_iter().find(|known| role(*known) == word)
}

/// The word for the state of an account.
pub(super) const fn status(status: AccountStatus) -> &'static str {
    match status {
        AccountStatus::Pending => "inactive",
        AccountStatus::Active => "active",
        AccountStatus::Disabled => "blocked",
    }
}
