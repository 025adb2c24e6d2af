//! Rows as SQLite gives them, and the way back to the domain.

mod dossiers;
mod events;
mod sessions;

use std::str::FromStr;

pub(crate) use dossiers::DossierRow;
pub(crate) use events::{EventRow, actor_columns};
pub(crate) use sessions::SessionRow;

use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{
    Account, AccountId, AccountRecord, Digest, EmailAddress, FullName, LinkedIdentity, MailId, NamePart, OneTimeToken,
    PasswordHash, PermissionSet, PersonName, Provider, ProviderUserId, SignIns, TokenEpoch, TokenPurpose, Username,
    mail::{Mail, MailContent, OutboxMail, ReceivedMail},
    throttle::ThrottleState,
};
use vestibule_ports::StoreError;

/// A time as it is stored: whole microseconds since the epoch.
pub(crate) fn micros(time: OffsetDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000)).unwrap_or(i64::MAX)
}

/// The time of so many microseconds since the epoch.
pub(crate) fn time(micros: i64, what: &'static str) -> Result<OffsetDateTime, StoreError> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000).map_err(|_| StoreError::Corrupt { what })
}

/// A digest from its bytes.
pub(crate) fn digest(bytes: &[u8], what: &'static str) -> Result<Digest, StoreError> {
    bytes.try_into().map(Digest::new).map_err(|_| StoreError::Corrupt { what })
}

/// A stored word as one of an enum.
fn word<T: FromStr>(text: &str, what: &'static str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt { what })
}

/// A stored count.
fn count(number: i64, what: &'static str) -> Result<u32, StoreError> {
    number.try_into().map_err(|_| StoreError::Corrupt { what })
}

/// The columns of an account that is to be written.
pub(crate) struct AccountColumns<'a> {
    pub(crate) id: Uuid,
    pub(crate) email: &'a str,
    pub(crate) username: Option<&'a str>,
    pub(crate) full_name: Option<&'a str>,
    pub(crate) first_name: Option<&'a str>,
    pub(crate) last_name: Option<&'a str>,
    pub(crate) role: &'static str,
    pub(crate) status: &'static str,
    pub(crate) permissions: i64,
    pub(crate) mailbox_proven_at: Option<i64>,
    pub(crate) epoch: &'a [u8],
    pub(crate) password_hash: Option<&'a str>,
    pub(crate) google: IdentityColumns<'a>,
    pub(crate) facebook: IdentityColumns<'a>,
    pub(crate) apple: IdentityColumns<'a>,
    pub(crate) last_sign_in_at: Option<i64>,
    pub(crate) failed_sign_ins: u32,
    pub(crate) last_failed_sign_in_at: Option<i64>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

/// The columns of an identity; without a value where none is linked.
#[derive(Clone, Copy, Default)]
pub(crate) struct IdentityColumns<'a> {
    pub(crate) user_id: Option<&'a str>,
    pub(crate) picture: Option<&'a str>,
}

/// The identity at each provider, in the order of all providers.
pub(crate) fn identities(account: &Account) -> [IdentityColumns<'_>; 3] {
    Provider::ALL.map(|provider| {
        let linked = account.identities().iter().find(|identity| identity.provider == provider);
        linked.map_or_else(IdentityColumns::default, |identity| IdentityColumns {
            user_id: Some(identity.user_id.as_str()),
            picture: identity.picture.as_deref(),
        })
    })
}

impl<'a> From<&'a Account> for AccountColumns<'a> {
    fn from(account: &'a Account) -> Self {
        let record = account.record();
        let full_name = match &record.name {
            PersonName::Full(full) => Some(full.as_str()),
            PersonName::Parts { .. } => None,
        };
        let [google, facebook, apple] = identities(account);
        Self {
            id: record.id.uuid(),
            email: record.email.as_str(),
            username: record.username.as_ref().map(Username::as_str),
            full_name,
            first_name: record.name.first(),
            last_name: record.name.last(),
            role: record.role.as_str(),
            status: record.status.as_str(),
            permissions: record.permissions.bits(),
            mailbox_proven_at: record.mailbox_proven_at.map(micros),
            epoch: record.epoch.bytes(),
            password_hash: record.password.as_ref().map(PasswordHash::expose),
            google,
            facebook,
            apple,
            last_sign_in_at: record.sign_ins.last_at.map(micros),
            failed_sign_ins: record.sign_ins.failed,
            last_failed_sign_in_at: record.sign_ins.last_failed_at.map(micros),
            created_at: micros(record.created_at),
            updated_at: micros(record.updated_at),
        }
    }
}

/// A row of `accounts`.
#[derive(sqlx::FromRow)]
pub(crate) struct AccountRow {
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) username: Option<String>,
    pub(crate) full_name: Option<String>,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) role: String,
    pub(crate) status: String,
    pub(crate) permissions: i64,
    pub(crate) mailbox_proven_at: Option<i64>,
    pub(crate) epoch: Vec<u8>,
    pub(crate) password_hash: Option<String>,
    pub(crate) google_user_id: Option<String>,
    pub(crate) google_picture: Option<String>,
    pub(crate) facebook_user_id: Option<String>,
    pub(crate) facebook_picture: Option<String>,
    pub(crate) apple_user_id: Option<String>,
    pub(crate) apple_picture: Option<String>,
    pub(crate) last_sign_in_at: Option<i64>,
    pub(crate) failed_sign_ins: i64,
    pub(crate) last_failed_sign_in_at: Option<i64>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

impl TryFrom<AccountRow> for Account {
    type Error = StoreError;

    fn try_from(row: AccountRow) -> Result<Self, StoreError> {
        let corrupt = |what| StoreError::Corrupt { what };
        let name = match row.full_name {
            Some(full) => PersonName::Full(FullName::parse(&full).map_err(|_| corrupt("name of an account"))?),
            None => PersonName::Parts { first: name_part(row.first_name)?, last: name_part(row.last_name)? },
        };
        let identities = [
            identity(Provider::Google, row.google_user_id, row.google_picture)?,
            identity(Provider::Facebook, row.facebook_user_id, row.facebook_picture)?,
            identity(Provider::Apple, row.apple_user_id, row.apple_picture)?,
        ];
        Ok(Self::restore(AccountRecord {
            id: account_id(row.id)?,
            email: EmailAddress::parse(&row.email).map_err(|_| corrupt("e-mail address of an account"))?,
            username: row
                .username
                .map(|username| Username::parse(&username))
                .transpose()
                .map_err(|_| corrupt("user name of an account"))?,
            name,
            role: word(&row.role, "role of an account")?,
            status: word(&row.status, "status of an account")?,
            permissions: PermissionSet::from_bits(row.permissions).map_err(|_| corrupt("permissions of an account"))?,
            mailbox_proven_at: row.mailbox_proven_at.map(|at| time(at, "mailbox proof of an account")).transpose()?,
            epoch: row
                .epoch
                .as_slice()
                .try_into()
                .map(TokenEpoch::new)
                .map_err(|_| corrupt("token epoch of an account"))?,
            password: row.password_hash.map(PasswordHash::new),
            identities: identities.into_iter().flatten().collect(),
            sign_ins: SignIns {
                last_at: row.last_sign_in_at.map(|at| time(at, "last sign-in of an account")).transpose()?,
                failed: count(row.failed_sign_ins, "failed sign-ins of an account")?,
                last_failed_at: row
                    .last_failed_sign_in_at
                    .map(|at| time(at, "last failed sign-in of an account"))
                    .transpose()?,
            },
            created_at: time(row.created_at, "creation time of an account")?,
            updated_at: time(row.updated_at, "time of change of an account")?,
        }))
    }
}

fn name_part(text: Option<String>) -> Result<Option<NamePart>, StoreError> {
    let part = text.map(|text| NamePart::parse(&text)).transpose();
    part.map_err(|_| StoreError::Corrupt { what: "name of an account" })
}

fn identity(
    provider: Provider,
    user_id: Option<String>,
    picture: Option<String>,
) -> Result<Option<LinkedIdentity>, StoreError> {
    let user_id = user_id.map(|text| ProviderUserId::parse(&text)).transpose();
    let user_id = user_id.map_err(|_| StoreError::Corrupt { what: "identity of an account" })?;
    Ok(user_id.map(|user_id| LinkedIdentity { provider, user_id, picture }))
}

/// A row of `tokens`, less what it was found by.
pub(crate) struct TokenRow {
    pub(crate) account_id: Uuid,
    pub(crate) expires_at: i64,
    pub(crate) waiting_password: Option<String>,
}

impl TokenRow {
    /// The token of what it was found by.
    pub(crate) fn restore(self, digest: Digest, purpose: TokenPurpose) -> Result<OneTimeToken, StoreError> {
        Ok(OneTimeToken {
            digest,
            account: AccountId::from_uuid(self.account_id)
                .map_err(|_| StoreError::Corrupt { what: "account of a token" })?,
            purpose,
            expires_at: time(self.expires_at, "expiry of a token")?,
            waiting_password: self.waiting_password.map(PasswordHash::new),
        })
    }
}

/// A row of `throttles`.
pub(crate) struct ThrottleRow {
    pub(crate) count: i64,
    pub(crate) window_ends_at: i64,
    pub(crate) blocked_until: Option<i64>,
}

impl TryFrom<ThrottleRow> for ThrottleState {
    type Error = StoreError;

    fn try_from(row: ThrottleRow) -> Result<Self, StoreError> {
        Ok(Self {
            count: count(row.count, "count of a throttle")?,
            window_ends_at: time(row.window_ends_at, "window of a throttle")?,
            blocked_until: row.blocked_until.map(|until| time(until, "wait of a throttle")).transpose()?,
        })
    }
}

/// A row of `outbox`.
pub(crate) struct OutboxRow {
    pub(crate) id: Uuid,
    pub(crate) recipient: String,
    pub(crate) content: Vec<u8>,
    pub(crate) attempts: i64,
    pub(crate) created_at: i64,
    pub(crate) due_at: i64,
    pub(crate) expires_at: i64,
}

impl TryFrom<OutboxRow> for OutboxMail {
    type Error = StoreError;

    fn try_from(row: OutboxRow) -> Result<Self, StoreError> {
        let corrupt = |what| StoreError::Corrupt { what };
        Ok(Self {
            id: MailId::from_uuid(row.id).map_err(|_| corrupt("id of a mail"))?,
            to: EmailAddress::parse(&row.recipient).map_err(|_| corrupt("recipient of a mail"))?,
            sealed_content: row.content,
            attempts: count(row.attempts, "attempts of a mail")?,
            created_at: time(row.created_at, "creation time of a mail")?,
            due_at: time(row.due_at, "due time of a mail")?,
            expires_at: time(row.expires_at, "expiry of a mail")?,
        })
    }
}

/// A row of `mailbox`.
pub(crate) struct ReceivedMailRow {
    pub(crate) id: Uuid,
    pub(crate) sender: String,
    pub(crate) recipient: String,
    pub(crate) received_at: i64,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

impl TryFrom<ReceivedMailRow> for ReceivedMail {
    type Error = StoreError;

    fn try_from(row: ReceivedMailRow) -> Result<Self, StoreError> {
        let corrupt = |what| StoreError::Corrupt { what };
        Ok(Self {
            mail: Mail {
                id: MailId::from_uuid(row.id).map_err(|_| corrupt("id of a received mail"))?,
                to: EmailAddress::parse(&row.recipient).map_err(|_| corrupt("recipient of a received mail"))?,
                content: MailContent { subject: row.subject, text: row.text, html: row.html },
            },
            from: row.sender,
            received_at: time(row.received_at, "time of a received mail")?,
        })
    }
}

/// Reads a stored id.
pub(crate) fn account_id(id: Uuid) -> Result<AccountId, StoreError> {
    AccountId::from_uuid(id).map_err(|_| StoreError::Corrupt { what: "id of an account" })
}
