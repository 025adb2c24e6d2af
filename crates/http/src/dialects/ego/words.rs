//! The dialect's words for roles, for the states of an account and of a review, and for the fields of a dossier.

use vestibule_domain::{
    AccountStatus, Role,
    dossier::{Field, ReviewState},
};

/// The fields that are set one by one.
pub(super) const FIELDS: [(&str, Field); 4] = [
    ("phoneNumber", Field::Phone),
    ("profession", Field::Profession),
    ("birth", Field::Birth),
    ("profilePhoto", Field::Photo),
];

/// The fields of an address, which is set as a whole.
pub(super) const ADDRESS: [(&str, Field); 5] = [
    ("street", Field::Street),
    ("city", Field::City),
    ("zip", Field::Zip),
    ("area", Field::Area),
    ("country", Field::Country),
];

pub(super) const ROLES: [Role; 3] = [Role::User, Role::Admin, Role::Root];

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

/// The word for the state of a review. A dossier that was rejected stays so until it is submitted again; a draft is one about
/// which nothing is to be decided, also after an acceptance that an edit ended.
pub(super) const fn review(state: ReviewState) -> &'static str {
    match state {
        ReviewState::Draft => "none",
        ReviewState::Submitted | ReviewState::InReview | ReviewState::Resubmitted => "pending",
        ReviewState::Accepted => "approved",
        ReviewState::Rejected => "rejected",
    }
}
