//! What a search for accounts finds, and in which order: the reference for every store.

use std::cmp::Ordering;

use vestibule_domain::{Account, AccountStatus, EmailAddress, Permission, Role, Username};

/// Which accounts to search for; every given field must match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountSearch {
    /// The account with this address.
    pub email: Option<EmailAddress>,
    /// The account with this user name.
    pub username: Option<Username>,
    /// Only accounts whose owner has exactly this first name, as [`PersonName::first`] says.
    ///
    /// [`PersonName::first`]: vestibule_domain::PersonName::first
    pub first_name: Option<String>,
    /// Only accounts whose owner has exactly this last name.
    pub last_name: Option<String>,
    /// Only accounts of this status.
    pub status: Option<AccountStatus>,
    /// Only accounts of this standing, as [`Account::standing`] says.
    pub standing: Option<AccountStatus>,
    /// Only accounts of this role.
    pub role: Option<Role>,
    /// Only accounts that may do this, by their role or their permissions.
    pub may: Option<MayDo>,
}

impl AccountSearch {
    /// Whether it finds an account. Texts are the same only if their bytes are.
    pub fn fits(&self, account: &Account) -> bool {
        let name = account.name();
        self.email.as_ref().is_none_or(|email| email == account.email())
            && self.username.as_ref().is_none_or(|username| Some(username) == account.username())
            && self.first_name.as_deref().is_none_or(|first| Some(first) == name.first())
            && self.last_name.as_deref().is_none_or(|last| Some(last) == name.last())
            && self.status.is_none_or(|status| status == account.status())
            && self.standing.is_none_or(|standing| standing == account.standing())
            && self.role.is_none_or(|role| role == account.role())
            && self.may.is_none_or(|may| may.fits(account))
    }
}

/// What accounts may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MayDo {
    /// What this permission allows: its holders, admins and roots.
    Permitted(Permission),
    /// Everything: admins and roots only.
    Everything,
}

impl MayDo {
    /// Whether an account may do this.
    pub fn fits(self, account: &Account) -> bool {
        account.role() >= Role::Admin
            || match self {
                Self::Permitted(permission) => account.permissions().contains(permission),
                Self::Everything => false,
            }
    }
}

/// What found accounts are sorted by; a missing value comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    /// Id, which is the order of creation.
    Id,
    /// User name.
    Username,
    /// Address.
    Email,
    /// First name.
    FirstName,
    /// Last name.
    LastName,
    /// The stored word of the status.
    Status,
    /// The stored word of the standing, as [`Account::standing`] says.
    Standing,
    /// The stored word of the role.
    Role,
    /// Time of creation.
    CreatedAt,
    /// Time of the last change.
    UpdatedAt,
}

impl SortKey {
    /// The order of two accounts by this key, ascending: a missing value comes first, and texts are compared by their bytes.
    pub fn order(self, one: &Account, other: &Account) -> Ordering {
        match self {
            Self::Id => one.id().cmp(&other.id()),
            Self::Username => one.username().cmp(&other.username()),
            Self::Email => one.email().cmp(other.email()),
            Self::FirstName => one.name().first().cmp(&other.name().first()),
            Self::LastName => one.name().last().cmp(&other.name().last()),
            Self::Status => one.status().as_str().cmp(other.status().as_str()),
            Self::Standing => one.standing().as_str().cmp(other.standing().as_str()),
            Self::Role => one.role().as_str().cmp(other.role().as_str()),
            Self::CreatedAt => one.created_at().cmp(&other.created_at()),
            Self::UpdatedAt => one.updated_at().cmp(&other.updated_at()),
        }
    }
}

/// A sort key with its direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortBy {
    /// The key.
    pub key: SortKey,
    /// From the greatest to the least, missing values last.
    pub descending: bool,
}

/// A part of what a search finds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Window {
    /// The order; accounts that are equal by every key are sorted by id, ascending.
    pub sort: Vec<SortBy>,
    /// How many to skip.
    pub skip: u64,
    /// The most accounts to return, capped at 1000; 0 returns none.
    pub limit: u32,
}

impl Window {
    /// The order of two accounts: by each key in turn, then by id, ascending.
    pub fn order(&self, one: &Account, other: &Account) -> Ordering {
        let mut by_keys = self.sort.iter().map(|by| {
            let order = by.key.order(one, other);
            if by.descending { order.reverse() } else { order }
        });
        by_keys.find(|order| order.is_ne()).unwrap_or_else(|| one.id().cmp(&other.id()))
    }
}

/// What a search finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The accounts of the window.
    pub accounts: Vec<Account>,
    /// How many match in all.
    pub total: u64,
}
