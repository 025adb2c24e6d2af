//! Accounts: who can sign in, through every dialect.

use std::str::FromStr;

use time::OffsetDateTime;

use crate::{
    AccountId, EmailAddress, LinkedIdentity, PasswordHash, PermissionSet, PersonName, Role, TokenEpoch, Username,
    permission,
};

/// Whether an account can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountStatus {
    /// It can sign in.
    Active,
    /// Its mailbox must be proven, for the first time or again, before it can be signed in to.
    Pending,
    /// It cannot be signed in to by any path.
    Disabled,
}

/// Why a word is not a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a status is active, pending or disabled")]
pub struct InvalidStatus;

impl AccountStatus {
    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Pending => "pending",
            Self::Disabled => "disabled",
        }
    }
}

impl FromStr for AccountStatus {
    type Err = InvalidStatus;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Active, Self::Pending, Self::Disabled]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(InvalidStatus)
    }
}

/// The values that a new account is made of.
#[derive(Debug, Clone)]
pub struct NewAccount {
    pub id: AccountId,
    pub email: EmailAddress,
    /// Its user name, where the dialect has one.
    pub username: Option<Username>,
    /// The owner's name.
    pub name: PersonName,
    pub role: Role,
    /// Active, or pending until the mailbox is proven.
    pub status: AccountStatus,
    /// The hash of its password; none for an account that only signs in through a provider.
    pub password: Option<PasswordHash>,
    /// Its first token epoch.
    pub epoch: TokenEpoch,
    /// When the mailbox was proven, if it already is.
    pub mailbox_proven_at: Option<OffsetDateTime>,
    /// The identity at a provider that it is made for, if any.
    pub identity: Option<LinkedIdentity>,
    /// Now.
    pub created_at: OffsetDateTime,
}

/// How a sign-in attempt went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInOutcome {
    /// Signed in.
    Succeeded,
    /// Refused.
    Failed,
}

/// When and how often sign-ins to an account succeeded or failed; they do not count as a change of the account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SignIns {
    /// The last success, in whole microseconds.
    pub last_at: Option<OffsetDateTime>,
    /// Failures since the last success.
    pub failed: u32,
    /// The last failure, in whole microseconds.
    pub last_failed_at: Option<OffsetDateTime>,
}

impl SignIns {
    /// The counters after an attempt.
    ///
    /// This is the reference: a store does the same in one atomic statement.
    #[must_use]
    pub fn after(self, outcome: SignInOutcome, now: OffsetDateTime) -> Self {
        let at = Some(to_microseconds(now));
        match outcome {
            SignInOutcome::Succeeded => Self { last_at: at, failed: 0, ..self },
            SignInOutcome::Failed => Self { failed: self.failed + 1, last_failed_at: at, ..self },
        }
    }
}

/// An account with every field as it is stored; [`Account::restore`] turns it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRecord {
    pub id: AccountId,
    pub email: EmailAddress,
    /// Its user name.
    pub username: Option<Username>,
    /// Its owner's name.
    pub name: PersonName,
    pub role: Role,
    /// Whether it can be used.
    pub status: AccountStatus,
    /// Its individually granted permissions.
    pub permissions: PermissionSet,
    /// When the mailbox of the present address was first proven; kept while it has to be proven again.
    pub mailbox_proven_at: Option<OffsetDateTime>,
    /// When a mailbox of any of its addresses was first proven.
    pub first_proven_at: Option<OffsetDateTime>,
    /// The epoch that its tokens must carry.
    pub epoch: TokenEpoch,
    /// The hash of its password.
    pub password: Option<PasswordHash>,
    /// Whether its owner must choose another password before anything else.
    pub password_change_due: bool,
    /// The identities that sign in to it, at most one per provider, in the order of [`crate::Provider`].
    pub identities: Vec<LinkedIdentity>,
    /// When and how often sign-ins succeeded or failed.
    pub sign_ins: SignIns,
    /// When it was made, in whole microseconds.
    pub created_at: OffsetDateTime,
    /// When a stored field last changed, in whole microseconds.
    pub updated_at: OffsetDateTime,
}

/// An account: its fields change only through the transitions below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account(AccountRecord);

impl Account {
    /// Makes a new account with the default permissions.
    pub fn new(new: NewAccount) -> Self {
        let now = to_microseconds(new.created_at);
        Self(AccountRecord {
            id: new.id,
            email: new.email,
            username: new.username,
            name: new.name,
            role: new.role,
            status: new.status,
            permissions: PermissionSet::default(),
            mailbox_proven_at: new.mailbox_proven_at.map(to_microseconds),
            first_proven_at: new.mailbox_proven_at.map(to_microseconds),
            epoch: new.epoch,
            password: new.password,
            password_change_due: false,
            identities: new.identity.into_iter().collect(),
            sign_ins: SignIns::default(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Restores a stored account.
    pub const fn restore(record: AccountRecord) -> Self {
        Self(record)
    }

    /// Every field, for the store.
    pub const fn record(&self) -> &AccountRecord {
        &self.0
    }

    /// Its id.
    pub const fn id(&self) -> AccountId {
        self.0.id
    }

    /// Its address.
    pub const fn email(&self) -> &EmailAddress {
        &self.0.email
    }

    /// Its user name, if it has one.
    pub const fn username(&self) -> Option<&Username> {
        self.0.username.as_ref()
    }

    /// Its owner's name.
    pub const fn name(&self) -> &PersonName {
        &self.0.name
    }

    /// Its role.
    pub const fn role(&self) -> Role {
        self.0.role
    }

    /// Whether it can be used.
    pub const fn status(&self) -> AccountStatus {
        self.0.status
    }

    /// The status that counts where mailboxes must be proven: an active account whose mailbox is unproven is pending.
    pub const fn standing(&self) -> AccountStatus {
        match self.0.status {
            AccountStatus::Active if self.0.mailbox_proven_at.is_none() => AccountStatus::Pending,
            status => status,
        }
    }

    /// Whether it can sign in.
    pub fn is_active(&self) -> bool {
        self.0.status == AccountStatus::Active
    }

    /// Whether it is an active root, of which one must always remain.
    pub fn is_active_root(&self) -> bool {
        self.0.role == Role::Root && self.is_active()
    }

    /// The stored permissions; see [`Account::may`] for what it is allowed.
    pub const fn permissions(&self) -> PermissionSet {
        self.0.permissions
    }

    /// Whether it is allowed something, by that permission or by one that implies it.
    pub fn may(&self, permission: permission::Permission) -> bool {
        self.holds(permission) || permission.implied_by().is_some_and(|implying| self.holds(implying))
    }

    /// Whether it holds a permission: a root holds every one, an admin those that come with the role, any account those
    /// granted to it.
    pub fn holds(&self, permission: permission::Permission) -> bool {
        let by_role = match self.0.role {
            Role::Root => true,
            Role::Admin => permission.comes_with_admin(),
            Role::User => false,
        };
        by_role || self.0.permissions.contains(permission)
    }

    /// When the mailbox was proven; none while it has to be proven, for the first time or again.
    pub const fn mailbox_proven_at(&self) -> Option<OffsetDateTime> {
        match self.0.status {
            AccountStatus::Pending => None,
            AccountStatus::Active | AccountStatus::Disabled => self.0.mailbox_proven_at,
        }
    }

    /// Whether the mailbox of its present address was ever proven.
    pub const fn was_proven(&self) -> bool {
        self.0.mailbox_proven_at.is_some()
    }

    /// Whether it is a sign-up that has never proven any mailbox. Another sign-up replaces it, and it must give up its user
    /// name or telephone number to a live account.
    pub fn is_provisional(&self) -> bool {
        self.0.status == AccountStatus::Pending && self.0.first_proven_at.is_none()
    }

    /// The epoch that its tokens must carry.
    pub const fn epoch(&self) -> TokenEpoch {
        self.0.epoch
    }

    /// The hash of its password, if it has one.
    pub const fn password(&self) -> Option<&PasswordHash> {
        self.0.password.as_ref()
    }

    /// Whether its owner must choose another password before anything else.
    pub const fn password_change_due(&self) -> bool {
        self.0.password_change_due
    }

    /// The identities that sign in to it.
    pub fn identities(&self) -> &[LinkedIdentity] {
        &self.0.identities
    }

    /// When and how often sign-ins succeeded or failed.
    pub const fn sign_ins(&self) -> SignIns {
        self.0.sign_ins
    }

    /// When it was made.
    pub const fn created_at(&self) -> OffsetDateTime {
        self.0.created_at
    }

    /// When a stored field last changed.
    pub const fn updated_at(&self) -> OffsetDateTime {
        self.0.updated_at
    }

    /// Takes a new password, ends every earlier token, and clears a pending password change.
    pub fn change_password(&mut self, password: PasswordHash, epoch: TokenEpoch, now: OffsetDateTime) {
        self.0.password = Some(password);
        self.0.password_change_due = false;
        self.0.epoch = epoch;
        self.touch(now);
    }

    /// Replaces the hash of the same password by one with the present cost.
    pub fn rehash_password(&mut self, password: PasswordHash, now: OffsetDateTime) {
        self.0.password = Some(password);
        self.touch(now);
    }

    /// Ends every earlier token.
    pub fn end_tokens(&mut self, epoch: TokenEpoch, now: OffsetDateTime) {
        self.0.epoch = epoch;
        self.touch(now);
    }

    /// Changes the owner's name.
    pub fn rename(&mut self, name: PersonName, now: OffsetDateTime) {
        if self.0.name != name {
            self.0.name = name;
            self.touch(now);
        }
    }

    /// Takes another user name.
    pub fn change_username(&mut self, username: Username, now: OffsetDateTime) {
        if self.0.username.as_ref() != Some(&username) {
            self.0.username = Some(username);
            self.touch(now);
        }
    }

    /// Takes another address, whose mailbox is unproven. The account still counts as proven once, so no sign-up can replace
    /// it.
    pub fn change_email(&mut self, email: EmailAddress, now: OffsetDateTime) {
        if self.0.email != email {
            self.0.email = email;
            self.0.mailbox_proven_at = None;
            self.touch(now);
        }
    }

    /// Stores the canonical form of its address: it is the same mailbox, so nothing else changes.
    pub fn spell_email(&mut self, canonical: EmailAddress) {
        self.0.email = canonical;
    }

    /// Changes the stored permissions, effective from the next request.
    pub fn change_permissions(&mut self, permissions: PermissionSet, now: OffsetDateTime) {
        if self.0.permissions != permissions {
            self.0.permissions = permissions;
            self.touch(now);
        }
    }

    /// Links an identity and replaces any other of the same provider.
    pub fn link_identity(&mut self, identity: LinkedIdentity, now: OffsetDateTime) {
        if self.0.identities.contains(&identity) {
            return;
        }
        self.0.identities.retain(|linked| linked.provider != identity.provider);
        self.0.identities.push(identity);
        self.0.identities.sort_by_key(|linked| linked.provider);
        self.touch(now);
    }

    /// Unlinks every identity; owners who sign in through one of them need another way.
    pub fn unlink_identities(&mut self, now: OffsetDateTime) {
        if !self.0.identities.is_empty() {
            self.0.identities.clear();
            self.touch(now);
        }
    }

    /// Demands another password, or no longer; tokens stay valid.
    pub fn require_password_change(&mut self, due: bool, now: OffsetDateTime) {
        if self.0.password_change_due != due {
            self.0.password_change_due = due;
            self.touch(now);
        }
    }

    /// Takes a password whose owner has just proven the mailbox; tokens stay valid.
    pub fn keep_password(&mut self, password: PasswordHash, now: OffsetDateTime) {
        self.0.password = Some(password);
        self.0.password_change_due = false;
        self.touch(now);
    }

    /// Drops a password that was set before the mailbox was proven, possibly by a stranger, and ends every earlier token.
    pub fn drop_password(&mut self, epoch: TokenEpoch, now: OffsetDateTime) {
        self.0.password = None;
        self.end_tokens(epoch, now);
    }

    /// Sets it to pending until its mailbox is proven, for the first time or again; it still counts as proven once.
    pub fn suspend_until_proven(&mut self, now: OffsetDateTime) {
        if self.0.status != AccountStatus::Pending {
            self.0.status = AccountStatus::Pending;
            self.touch(now);
        }
    }

    /// Notes that the owner reads this mailbox; a pending account becomes active, a disabled one stays disabled.
    pub fn prove_mailbox(&mut self, now: OffsetDateTime) {
        if self.0.status == AccountStatus::Pending {
            self.0.status = AccountStatus::Active;
        }
        self.0.mailbox_proven_at.get_or_insert(to_microseconds(now));
        self.0.first_proven_at.get_or_insert(to_microseconds(now));
        self.touch(now);
    }

    /// Disables it and ends every earlier token.
    pub fn disable(&mut self, epoch: TokenEpoch, now: OffsetDateTime) {
        self.0.status = AccountStatus::Disabled;
        self.0.epoch = epoch;
        self.touch(now);
    }

    /// Disables it; its tokens are refused until it is enabled, and then work again.
    pub fn lock(&mut self, now: OffsetDateTime) {
        if self.0.status != AccountStatus::Disabled {
            self.0.status = AccountStatus::Disabled;
            self.touch(now);
        }
    }

    /// Makes it usable.
    pub fn enable(&mut self, now: OffsetDateTime) {
        self.0.status = AccountStatus::Active;
        self.touch(now);
    }

    /// Changes its role; tokens stay valid, because rights are read from the store on each request.
    pub fn change_role(&mut self, role: Role, now: OffsetDateTime) {
        self.0.role = role;
        self.touch(now);
    }

    fn touch(&mut self, now: OffsetDateTime) {
        self.0.updated_at = to_microseconds(now);
    }
}

/// Cuts a time to whole microseconds, the finest precision that every store keeps.
pub fn to_microseconds(time: OffsetDateTime) -> OffsetDateTime {
    time - time::Duration::nanoseconds((time.nanosecond() % 1_000).into())
}
