//! Builders of accounts.

use time::OffsetDateTime;
use vestibule_domain::{
    Account, AccountId, AccountRecord, AccountStatus, EmailAddress, FullName, LinkedIdentity, NamePart, PasswordHash,
    PermissionSet, PersonName, Provider, ProviderUserId, Role, SignIns, TokenEpoch, Username,
};

use crate::FixedClock;

/// Builds an account; by default an active user with a proven mailbox and a password hash.
#[derive(Debug, Clone)]
pub struct AccountBuilder(AccountRecord);

impl AccountBuilder {
    /// An account whose id, address and token epoch depend on the number.
    ///
    /// # Panics
    /// Never: the parts are well formed for every number.
    #[expect(clippy::expect_used, reason = "the texts are fixed but for a number")]
    pub fn numbered(number: u32) -> Self {
        let [a, b, c, d] = number.to_be_bytes();
        let mut epoch = [0x5A; 16];
        epoch[..4].copy_from_slice(&number.to_be_bytes());
        Self(AccountRecord {
            id: AccountId::new(FixedClock::START, [0, 0, a, b, c, d]),
            email: EmailAddress::parse(&format!("account-{number}@example.test")).expect("a fixed address"),
            username: None,
            name: PersonName::Full(FullName::parse(&format!("Account {number}")).expect("a fixed name")),
            role: Role::User,
            status: AccountStatus::Active,
            permissions: PermissionSet::default(),
            mailbox_proven_at: Some(FixedClock::START),
            first_proven_at: Some(FixedClock::START),
            epoch: TokenEpoch::new(epoch),
            password: Some(PasswordHash::new(format!("$2b$10$hash-of-account-{number}"))),
            password_change_due: false,
            identities: Vec::new(),
            sign_ins: SignIns::default(),
            created_at: FixedClock::START,
            updated_at: FixedClock::START,
        })
    }

    /// A sign-up without its first proof.
    #[must_use]
    pub fn provisional(self) -> Self {
        self.status(AccountStatus::Pending).mailbox_proven_at(None)
    }

    /// With another id.
    #[must_use]
    pub fn id(mut self, id: AccountId) -> Self {
        self.0.id = id;
        self
    }

    /// With another address.
    ///
    /// # Panics
    /// If the text is not an address.
    #[expect(clippy::expect_used, reason = "a test that names a wrong address is to fail here")]
    #[must_use]
    pub fn email(mut self, email: &str) -> Self {
        self.0.email = EmailAddress::parse(email).expect("an address");
        self
    }

    /// With a user name.
    ///
    /// # Panics
    /// If the text is not a user name.
    #[expect(clippy::expect_used, reason = "a test that names a wrong user name is to fail here")]
    #[must_use]
    pub fn username(mut self, username: &str) -> Self {
        self.0.username = Some(Username::parse(username).expect("a user name"));
        self
    }

    /// With another name.
    #[must_use]
    pub fn name(mut self, name: PersonName) -> Self {
        self.0.name = name;
        self
    }

    /// With a first and a last name, either of which may be empty.
    ///
    /// # Panics
    /// If a text is not a part of a name.
    #[expect(clippy::expect_used, reason = "a test that names a wrong name is to fail here")]
    #[must_use]
    pub fn parts(self, first: &str, last: &str) -> Self {
        let [first, last] =
            [first, last].map(|text| (!text.is_empty()).then(|| NamePart::parse(text).expect("a part of a name")));
        self.name(PersonName::Parts { first, last })
    }

    /// With one more identity, which replaces any other of its provider.
    ///
    /// # Panics
    /// If the text is not an id at a provider.
    #[expect(clippy::expect_used, reason = "a test that names a wrong id is to fail here")]
    #[must_use]
    pub fn identity(mut self, provider: Provider, user_id: &str, picture: Option<&str>) -> Self {
        let user_id = ProviderUserId::parse(user_id).expect("an id at a provider");
        self.0.identities.retain(|linked| linked.provider != provider);
        self.0.identities.push(LinkedIdentity { provider, user_id, picture: picture.map(str::to_owned) });
        self.0.identities.sort_by_key(|linked| linked.provider);
        self
    }

    /// With another role.
    #[must_use]
    pub fn role(mut self, role: Role) -> Self {
        self.0.role = role;
        self
    }

    /// With another status.
    #[must_use]
    pub fn status(mut self, status: AccountStatus) -> Self {
        self.0.status = status;
        self
    }

    /// With other permissions.
    #[must_use]
    pub fn permissions(mut self, permissions: PermissionSet) -> Self {
        self.0.permissions = permissions;
        self
    }

    /// With another password hash, or none.
    #[must_use]
    pub fn password(mut self, password: Option<PasswordHash>) -> Self {
        self.0.password = password;
        self
    }

    /// With a password change due.
    #[must_use]
    pub fn password_change_due(mut self) -> Self {
        self.0.password_change_due = true;
        self
    }

    /// With a mailbox proven at another time, or never.
    #[must_use]
    pub fn mailbox_proven_at(mut self, at: Option<OffsetDateTime>) -> Self {
        self.0.mailbox_proven_at = at;
        self.0.first_proven_at = at;
        self
    }

    /// With another address than the one whose mailbox was proven.
    #[must_use]
    pub fn moved(mut self) -> Self {
        self.0.mailbox_proven_at = None;
        self
    }

    /// With other sign-ins.
    #[must_use]
    pub fn sign_ins(mut self, sign_ins: SignIns) -> Self {
        self.0.sign_ins = sign_ins;
        self
    }

    /// Created and last changed at another time; the id stays.
    #[must_use]
    pub fn created_at(mut self, at: OffsetDateTime) -> Self {
        self.0.created_at = at;
        self.0.updated_at = at;
        self
    }

    /// Last changed at another time.
    #[must_use]
    pub fn updated_at(mut self, at: OffsetDateTime) -> Self {
        self.0.updated_at = at;
        self
    }

    /// The account.
    pub fn build(self) -> Account {
        Account::restore(self.0)
    }
}
