//! Single permissions that an account holds beside its role.

use std::str::FromStr;

/// A permission that can be granted individually. A root holds every one, whatever is stored, and an admin those that come
/// with the role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Permission {
    /// `userInsert` of the `mern` dialect.
    UserInsert = 0,
    /// `userModify`: change and delete users.
    UserModify = 1,
    /// `userRead`: list and read users.
    UserRead = 2,
    /// `postInsert`.
    PostInsert = 3,
    /// `postModify`.
    PostModify = 4,
    /// `postRead`, which every new account has.
    PostRead = 5,
    /// `view` of the `looking` dialect: read profiles.
    ProfileView = 16,
    /// `add`: create profiles.
    ProfileAdd = 17,
    /// `edit`: modify profiles; implies `update`.
    ProfileEdit = 18,
    /// `update`: change a profile's details.
    ProfileUpdate = 19,
    /// `delete`: delete profiles.
    ProfileDelete = 20,
    /// `manage`: approve profiles.
    ProfileManage = 21,
    /// `manageAppPreferences`: the place cache.
    AppPreferences = 22,
    /// Read the dossiers of others.
    DossierRead = 32,
    /// Decide about dossiers; implies reading them.
    DossierReview = 33,
}

/// Why a word is not a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a permission")]
pub struct InvalidPermission;

impl Permission {
    /// Every permission, in the order in which they are shown.
    pub const ALL: [Self; 15] = [
        Self::UserInsert,
        Self::UserModify,
        Self::UserRead,
        Self::PostInsert,
        Self::PostModify,
        Self::PostRead,
        Self::ProfileView,
        Self::ProfileAdd,
        Self::ProfileEdit,
        Self::ProfileUpdate,
        Self::ProfileDelete,
        Self::ProfileManage,
        Self::AppPreferences,
        Self::DossierRead,
        Self::DossierReview,
    ];

    /// Our own word for the permission.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UserInsert => "user-insert",
            Self::UserModify => "user-modify",
            Self::UserRead => "user-read",
            Self::PostInsert => "post-insert",
            Self::PostModify => "post-modify",
            Self::PostRead => "post-read",
            Self::ProfileView => "profile-view",
            Self::ProfileAdd => "profile-add",
            Self::ProfileEdit => "profile-edit",
            Self::ProfileUpdate => "profile-update",
            Self::ProfileDelete => "profile-delete",
            Self::ProfileManage => "profile-manage",
            Self::AppPreferences => "app-preferences",
            Self::DossierRead => "dossier-read",
            Self::DossierReview => "dossier-review",
        }
    }

    /// Whether every admin holds it: all but [`Permission::AppPreferences`], which a root must grant.
    pub const fn comes_with_admin(self) -> bool {
        !matches!(self, Self::AppPreferences)
    }

    /// The permission that implies this one.
    pub const fn implied_by(self) -> Option<Self> {
        match self {
            Self::ProfileUpdate => Some(Self::ProfileEdit),
            _ => None,
        }
    }

    const fn bit(self) -> i64 {
        1 << (self as u8)
    }
}

impl FromStr for Permission {
    type Err = InvalidPermission;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|permission| permission.as_str() == text).ok_or(InvalidPermission)
    }
}

/// A set of permissions, stored as a bit mask (the discriminants of [`Permission`] never change).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PermissionSet(i64);

impl PermissionSet {
    /// No permission.
    pub const EMPTY: Self = Self(0);

    /// Restores a stored mask; unknown bits are an error.
    pub fn from_bits(bits: i64) -> Result<Self, InvalidPermission> {
        let known = Permission::ALL.iter().fold(0, |bits, permission| bits | permission.bit());
        if bits & !known == 0 { Ok(Self(bits)) } else { Err(InvalidPermission) }
    }

    /// The mask to store.
    pub const fn bits(self) -> i64 {
        self.0
    }

    /// The set with one more permission.
    #[must_use]
    pub const fn with(self, permission: Permission) -> Self {
        Self(self.0 | permission.bit())
    }

    /// The set without a permission.
    #[must_use]
    pub const fn without(self, permission: Permission) -> Self {
        Self(self.0 & !permission.bit())
    }

    /// Whether the permission is in the set.
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// The permissions of the set, in the order of [`Permission::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.into_iter().filter(move |permission| self.contains(*permission))
    }
}

/// What a new account may do.
impl Default for PermissionSet {
    fn default() -> Self {
        Self::EMPTY.with(Permission::PostRead)
    }
}
