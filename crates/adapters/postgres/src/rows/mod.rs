//! Rows as they come from the driver, and back into the domain; a value that breaks one of its rules is corrupt.
//! Those of dossiers, events and sessions are in files of their own.

mod dossiers;
mod events;
mod sessions;

use std::str::FromStr;

use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{
    Account, AccountId, AccountRecord, CodeId, Digest, EmailAddress, FullName, LinkedIdentity, LiveCode, MailId,
    NamePart, OneTimeToken, PasswordHash, PermissionSet, PersonName, Provider, ProviderUserId, SignIns, TokenEpoch,
    Username,
    mail::{Mail, MailContent, OutboxMail, ReceivedMail},
    throttle::ThrottleState,
};
use vestibule_ports::StoreError;

pub(crate) use self::{
    dossiers::DossierRow,
    events::{EventRow, actor_columns},
    sessions::SessionRow,
};

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
    pub(crate) mailbox_proven_at: Option<OffsetDateTime>,
    pub(crate) epoch: Vec<u8>,
    pub(crate) password_hash: Option<String>,
    pub(crate) google_user_id: Option<String>,
    pub(crate) google_picture: Option<String>,
    pub(crate) facebook_user_id: Option<String>,
    pub(crate) facebook_picture: Option<String>,
    pub(crate) apple_user_id: Option<String>,
    pub(crate) apple_picture: Option<String>,
    pub(crate) last_sign_in_at: Option<OffsetDateTime>,
    pub(crate) failed_sign_ins: i32,
    pub(crate) last_failed_sign_in_at: Option<OffsetDateTime>,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) updated_at: OffsetDateTime,
}

impl TryFrom<AccountRow> for Account {
    type Error = StoreError;

    fn try_from(row: AccountRow) -> Result<Self, StoreError> {
        let name = match row.full_name {
            Some(full) => PersonName::Full(valid(FullName::parse(&full), "name of an account")?),
            None => PersonName::Parts { first: name_part(row.first_name)?, last: name_part(row.last_name)? },
        };
        let identities = [
            identity(Provider::Google, row.google_user_id, row.google_picture)?,
            identity(Provider::Facebook, row.facebook_user_id, row.facebook_picture)?,
            identity(Provider::Apple, row.apple_user_id, row.apple_picture)?,
        ];
        let username = row.username.map(|username| valid(Username::parse(&username), "user name of an account"));
        Ok(Self::restore(AccountRecord {
            id: account_id(row.id)?,
            email: valid(EmailAddress::parse(&row.email), "e-mail address of an account")?,
            username: username.transpose()?,
            name,
            role: word(&row.role, "role of an account")?,
            status: word(&row.status, "status of an account")?,
            permissions: valid(PermissionSet::from_bits(row.permissions), "permissions of an account")?,
            mailbox_proven_at: row.mailbox_proven_at,
            epoch: TokenEpoch::new(valid(row.epoch.try_into(), "token epoch of an account")?),
            password: row.password_hash.map(PasswordHash::new),
            identities: identities.into_iter().flatten().collect(),
            sign_ins: SignIns {
                last_at: row.last_sign_in_at,
                failed: valid(row.failed_sign_ins.try_into(), "failed sign-ins of an account")?,
                last_failed_at: row.last_failed_sign_in_at,
            },
            created_at: row.created_at,
            updated_at: row.updated_at,
        }))
    }
}

/// What a counted try reads of `codes`.
pub(crate) struct LiveCodeRow {
    pub(crate) id: Uuid,
    pub(crate) digest: Vec<u8>,
    pub(crate) waiting_password: Option<String>,
}

impl TryFrom<LiveCodeRow> for LiveCode {
    type Error = StoreError;

    fn try_from(row: LiveCodeRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: valid(CodeId::from_uuid(row.id), "id of a code")?,
            digest: digest(row.digest, "digest of a code")?,
            waiting_password: row.waiting_password.map(PasswordHash::new),
        })
    }
}

/// A row of `tokens`.
pub(crate) struct TokenRow {
    pub(crate) digest: Vec<u8>,
    pub(crate) account_id: Uuid,
    pub(crate) purpose: String,
    pub(crate) expires_at: OffsetDateTime,
    pub(crate) waiting_password: Option<String>,
}

impl TryFrom<TokenRow> for OneTimeToken {
    type Error = StoreError;

    fn try_from(row: TokenRow) -> Result<Self, StoreError> {
        Ok(Self {
            digest: digest(row.digest, "digest of a token")?,
            account: account_id(row.account_id)?,
            purpose: word(&row.purpose, "purpose of a token")?,
            expires_at: row.expires_at,
            waiting_password: row.waiting_password.map(PasswordHash::new),
        })
    }
}

/// A row of `throttles`, less its key.
pub(crate) struct ThrottleRow {
    pub(crate) count: i32,
    pub(crate) window_ends_at: OffsetDateTime,
    pub(crate) blocked_until: Option<OffsetDateTime>,
}

impl TryFrom<ThrottleRow> for ThrottleState {
    type Error = StoreError;

    fn try_from(row: ThrottleRow) -> Result<Self, StoreError> {
        Ok(Self {
            count: valid(row.count.try_into(), "count of a throttle")?,
            window_ends_at: row.window_ends_at,
            blocked_until: row.blocked_until,
        })
    }
}

/// What delivery needs of a row of `outbox`.
pub(crate) struct OutboxRow {
    pub(crate) id: Uuid,
    pub(crate) recipient: String,
    pub(crate) content: Vec<u8>,
    pub(crate) attempts: i32,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) due_at: OffsetDateTime,
    pub(crate) expires_at: OffsetDateTime,
}

impl TryFrom<OutboxRow> for OutboxMail {
    type Error = StoreError;

    fn try_from(row: OutboxRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: mail_id(row.id)?,
            to: valid(EmailAddress::parse(&row.recipient), "recipient of a mail")?,
            sealed_content: row.content,
            attempts: valid(row.attempts.try_into(), "attempts of a mail")?,
            created_at: row.created_at,
            due_at: row.due_at,
            expires_at: row.expires_at,
        })
    }
}

/// A row of `mailbox`.
pub(crate) struct MailboxRow {
    pub(crate) id: Uuid,
    pub(crate) sender: String,
    pub(crate) recipient: String,
    pub(crate) received_at: OffsetDateTime,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

impl TryFrom<MailboxRow> for ReceivedMail {
    type Error = StoreError;

    fn try_from(row: MailboxRow) -> Result<Self, StoreError> {
        Ok(Self {
            mail: Mail {
                id: mail_id(row.id)?,
                to: valid(EmailAddress::parse(&row.recipient), "recipient of a mail")?,
                content: MailContent { subject: row.subject, text: row.text, html: row.html },
            },
            from: row.sender,
            received_at: row.received_at,
        })
    }
}

/// Restores every row, or fails with the first that is corrupt.
pub(crate) fn restore_all<Row, Entity>(rows: Vec<Row>) -> Result<Vec<Entity>, StoreError>
where
    Row: TryInto<Entity, Error = StoreError>,
{
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Restores the id of an account.
pub(crate) fn account_id(uuid: Uuid) -> Result<AccountId, StoreError> {
    valid(AccountId::from_uuid(uuid), "id of an account")
}

/// A number as the store keeps it; the counts of the domain stay far below the bound.
pub(crate) fn integer(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// A count of rows.
pub(crate) fn count(rows: i64) -> u64 {
    u64::try_from(rows).unwrap_or(0)
}

/// The name as one text, if it was given so.
pub(crate) fn full_name(name: &PersonName) -> Option<&str> {
    match name {
        PersonName::Full(full) => Some(full.as_str()),
        PersonName::Parts { .. } => None,
    }
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

fn identity(
    provider: Provider,
    user_id: Option<String>,
    picture: Option<String>,
) -> Result<Option<LinkedIdentity>, StoreError> {
    let user_id = user_id.map(|text| valid(ProviderUserId::parse(&text), "identity of an account")).transpose()?;
    Ok(user_id.map(|user_id| LinkedIdentity { provider, user_id, picture }))
}

fn name_part(text: Option<String>) -> Result<Option<NamePart>, StoreError> {
    text.map(|text| valid(NamePart::parse(&text), "name of an account")).transpose()
}

fn mail_id(uuid: Uuid) -> Result<MailId, StoreError> {
    valid(MailId::from_uuid(uuid), "id of a mail")
}

pub(crate) fn digest(bytes: Vec<u8>, what: &'static str) -> Result<Digest, StoreError> {
    valid(bytes.try_into(), what).map(Digest::new)
}

fn word<T: FromStr>(text: &str, what: &'static str) -> Result<T, StoreError> {
    valid(text.parse(), what)
}

fn valid<T, E>(parsed: Result<T, E>, what: &'static str) -> Result<T, StoreError> {
    parsed.map_err(|_| StoreError::Corrupt { what })
}
