//! Roles: what an account may do by virtue of its role.

use std::str::FromStr;

/// The three roles; each dialect has its own words for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Manages only its own account.
    User,
    /// Administers users.
    Admin,
    /// Administers every account; once the first root exists, one active root always remains.
    Root,
}

/// Why a text is not a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a role is user, admin or root")]
pub struct InvalidRole;

impl Role {
    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
            Self::Root => "root",
        }
    }
}

impl FromStr for Role {
    type Err = InvalidRole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::User, Self::Admin, Self::Root].into_iter().find(|role| role.as_str() == text).ok_or(InvalidRole)
    }
}
