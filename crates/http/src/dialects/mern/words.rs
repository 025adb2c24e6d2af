//! The dialect's words, in the order in which its messages list them, and what they stand for.

use vestibule_application::{SortKey, links::LinkPurpose};
use vestibule_domain::{AccountStatus, Permission, Role};

pub(super) const ROLES: &[(&str, Role)] =
    &[(role(Role::Admin), Role::Admin), (role(Role::Root), Role::Root), (role(Role::User), Role::User)];

pub(super) const STATUSES: &[(&str, AccountStatus)] = &[
    (status(AccountStatus::Active), AccountStatus::Active),
    (status(AccountStatus::Disabled), AccountStatus::Disabled),
    (status(AccountStatus::Pending), AccountStatus::Pending),
];

pub(super) const LINK_PURPOSES: &[(&str, LinkPurpose)] =
    &[("verify-email", LinkPurpose::VerifyEmail), ("reset-password", LinkPurpose::ResetPassword)];

/// The flags.
pub(super) const PERMISSIONS: &[(&str, Permission)] = &[
    ("userInsert", Permission::UserInsert),
    ("userModify", Permission::UserModify),
    ("userRead", Permission::UserRead),
    ("postInsert", Permission::PostInsert),
    ("postModify", Permission::PostModify),
    ("postRead", Permission::PostRead),
];

/// The fields that sort.
pub(super) const SORT_KEYS: &[(&str, SortKey)] = &[
    ("id", SortKey::Id),
    ("username", SortKey::Username),
    ("email", SortKey::Email),
    ("firstName", SortKey::FirstName),
    ("lastName", SortKey::LastName),
    ("status", SortKey::Status),
    ("role", SortKey::Role),
    ("createdAt", SortKey::CreatedAt),
    ("updatedAt", SortKey::UpdatedAt),
];

/// The word for a role.
pub(super) const fn role(role: Role) -> &'static str {
    match role {
        Role::Admin => "admin",
        Role::Root => "root",
        Role::User => "user",
    }
}

/// The word for what an account can be.
pub(super) const fn status(status: AccountStatus) -> &'static str {
    match status {
        AccountStatus::Active => "active",
        AccountStatus::Disabled => "disabled",
        AccountStatus::Pending => "unverified-email",
    }
}

/// What a word of a table stands for.
pub(super) fn meaning<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    table.iter().find(|(known, _)| *known == word).map(|(_, meaning)| *meaning)
}

/// The words of a table.
pub(super) fn words<T>(table: &'static [(&'static str, T)]) -> impl Iterator<Item = &'static str> {
    table.iter().map(|(word, _)| *word)
}
