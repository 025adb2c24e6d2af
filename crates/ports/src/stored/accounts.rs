//! Rows of accounts.

use uuid::Uuid;
use vestibule_domain::{
    Account, AccountId, AccountRecord, EmailAddress, FullName, LinkedIdentity, NamePart, PasswordHash, PermissionSet,
    PersonName, Provider, ProviderUserId, SignIns, TokenEpoch, Username, text,
};

use super::{StoredTime, optional, optional_time, time, valid};
use crate::StoreError;

rows! {
    /// A row of an account, with the identity at each provider in its own columns.
    pub struct StoredAccount<T> {
        pub id: Uuid,
        pub email: String,
        pub username: Option<String>,
        /// The full name, if the name was given as one text; the parts are filled either way, as far as known.
        pub full_name: Option<String>,
        pub first_name: Option<String>,
        pub last_name: Option<String>,
        pub role: String,
        pub status: String,
        pub permissions: i64,
        pub mailbox_proven_at: Option<T>,
        pub first_proven_at: Option<T>,
        pub epoch: Vec<u8>,
        pub password_hash: Option<String>,
        pub password_change_due: bool,
        pub google_user_id: Option<String>,
        pub google_picture: Option<String>,
        pub facebook_user_id: Option<String>,
        pub facebook_picture: Option<String>,
        pub apple_user_id: Option<String>,
        pub apple_picture: Option<String>,
        pub last_sign_in_at: Option<T>,
        pub failed_sign_ins: i64,
        pub last_failed_sign_in_at: Option<T>,
        pub created_at: T,
        pub updated_at: T,
    }
}

impl<T: StoredTime> TryFrom<StoredAccount<T>> for Account {
    type Error = StoreError;

    fn try_from(row: StoredAccount<T>) -> Result<Self, StoreError> {
        // An invisible name, which an earlier version accepted, is read as none.
        let name_part = |part: Option<String>| {
            let part = part.filter(|text| !text::is_blank(text));
            optional(part, |text| NamePart::parse(&text), "name of an account")
        };
        let name = match row.full_name.filter(|text| !text::is_blank(text)) {
            Some(full) => PersonName::Full(valid(FullName::parse(&full), "name of an account")?),
            None => PersonName::Parts { first: name_part(row.first_name)?, last: name_part(row.last_name)? },
        };
        let identities = [
            identity(Provider::Google, row.google_user_id, row.google_picture)?,
            identity(Provider::Facebook, row.facebook_user_id, row.facebook_picture)?,
            identity(Provider::Apple, row.apple_user_id, row.apple_picture)?,
        ];
        Ok(Self::restore(AccountRecord {
            id: account_id(row.id)?,
            email: valid(EmailAddress::from_store(&row.email), "e-mail address of an account")?,
            username: optional(row.username, |text| Username::parse(&text), "user name of an account")?,
            name,
            role: valid(row.role.parse(), "role of an account")?,
            status: valid(row.status.parse(), "status of an account")?,
            permissions: valid(PermissionSet::from_bits(row.permissions), "permissions of an account")?,
            mailbox_proven_at: optional_time(row.mailbox_proven_at, "mailbox proof of an account")?,
            first_proven_at: optional_time(row.first_proven_at, "first proof of an account")?,
            epoch: TokenEpoch::new(valid(row.epoch.try_into(), "token epoch of an account")?),
            password: row.password_hash.map(PasswordHash::new),
            password_change_due: row.password_change_due,
            identities: identities.into_iter().flatten().collect(),
            sign_ins: SignIns {
                last_at: optional_time(row.last_sign_in_at, "last sign-in of an account")?,
                failed: valid(row.failed_sign_ins.try_into(), "failed sign-ins of an account")?,
                last_failed_at: optional_time(row.last_failed_sign_in_at, "last failed sign-in of an account")?,
            },
            created_at: time(row.created_at, "creation time of an account")?,
            updated_at: time(row.updated_at, "time of change of an account")?,
        }))
    }
}

impl<T: StoredTime> From<&Account> for StoredAccount<T> {
    fn from(account: &Account) -> Self {
        let record = account.record();
        let full_name = match &record.name {
            PersonName::Full(full) => Some(full.as_str().to_owned()),
            PersonName::Parts { .. } => None,
        };
        let [google, facebook, apple] = StoredIdentity::of_each_provider(account);
        Self {
            id: record.id.uuid(),
            email: record.email.as_str().to_owned(),
            username: record.username.as_ref().map(|name| name.as_str().to_owned()),
            full_name,
            first_name: record.name.first().map(str::to_owned),
            last_name: record.name.last().map(str::to_owned),
            role: record.role.as_str().to_owned(),
            status: record.status.as_str().to_owned(),
            permissions: record.permissions.bits(),
            mailbox_proven_at: record.mailbox_proven_at.map(T::of),
            first_proven_at: record.first_proven_at.map(T::of),
            epoch: record.epoch.bytes().to_vec(),
            password_hash: record.password.as_ref().map(|hash| hash.expose().to_owned()),
            password_change_due: record.password_change_due,
            google_user_id: google.user_id,
            google_picture: google.picture,
            facebook_user_id: facebook.user_id,
            facebook_picture: facebook.picture,
            apple_user_id: apple.user_id,
            apple_picture: apple.picture,
            last_sign_in_at: record.sign_ins.last_at.map(T::of),
            failed_sign_ins: record.sign_ins.failed.into(),
            last_failed_sign_in_at: record.sign_ins.last_failed_at.map(T::of),
            created_at: T::of(record.created_at),
            updated_at: T::of(record.updated_at),
        }
    }
}

/// The columns of an identity at one provider.
#[derive(Default)]
struct StoredIdentity {
    user_id: Option<String>,
    picture: Option<String>,
}

impl StoredIdentity {
    /// In the order of [`Provider::ALL`].
    fn of_each_provider(account: &Account) -> [Self; 3] {
        Provider::ALL.map(|provider| {
            let linked = account.identities().iter().find(|identity| identity.provider == provider);
            linked.map_or_else(Self::default, |identity| Self {
                user_id: Some(identity.user_id.as_str().to_owned()),
                picture: identity.picture.clone(),
            })
        })
    }
}

fn identity(
    provider: Provider,
    user_id: Option<String>,
    picture: Option<String>,
) -> Result<Option<LinkedIdentity>, StoreError> {
    let user_id = optional(user_id, |text| ProviderUserId::parse(&text), "identity of an account")?;
    Ok(user_id.map(|user_id| LinkedIdentity { provider, user_id, picture }))
}

/// Reads the stored id of an account.
pub fn account_id(stored: Uuid) -> Result<AccountId, StoreError> {
    valid(AccountId::from_uuid(stored), "id of an account")
}
