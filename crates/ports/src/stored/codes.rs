//! Rows of mailed codes.

use uuid::Uuid;
use vestibule_domain::{CodeId, LiveCode, OneTimeCode, PasswordHash};

use super::{StoredTime, account_id, digest, time, valid};
use crate::StoreError;

rows! {
    /// A row of a code. The port writes it whole and never reads it whole.
    pub struct StoredCode<T> {
        pub id: Uuid,
        pub account_id: Uuid,
        pub purpose: String,
        pub digest: Vec<u8>,
        pub tries_left: i64,
        pub expires_at: T,
        pub waiting_password: Option<String>,
    }
}

impl<T: StoredTime> TryFrom<StoredCode<T>> for OneTimeCode {
    type Error = StoreError;

    fn try_from(row: StoredCode<T>) -> Result<Self, StoreError> {
        Ok(Self {
            id: valid(CodeId::from_uuid(row.id), "id of a code")?,
            account: account_id(row.account_id)?,
            purpose: valid(row.purpose.parse(), "purpose of a code")?,
            digest: digest(row.digest, "digest of a code")?,
            tries_left: valid(row.tries_left.try_into(), "tries of a code")?,
            expires_at: time(row.expires_at, "expiry of a code")?,
            waiting_password: row.waiting_password.map(PasswordHash::new),
        })
    }
}

impl<T: StoredTime> From<&OneTimeCode> for StoredCode<T> {
    fn from(code: &OneTimeCode) -> Self {
        Self {
            id: code.id.uuid(),
            account_id: code.account.uuid(),
            purpose: code.purpose.as_str().to_owned(),
            digest: code.digest.bytes().to_vec(),
            tries_left: code.tries_left.into(),
            expires_at: T::of(code.expires_at),
            waiting_password: code.waiting_password.as_ref().map(|hash| hash.expose().to_owned()),
        }
    }
}

/// The columns that a counted try reads.
pub struct StoredLiveCode {
    pub id: Uuid,
    pub digest: Vec<u8>,
    pub waiting_password: Option<String>,
}

impl TryFrom<StoredLiveCode> for LiveCode {
    type Error = StoreError;

    fn try_from(row: StoredLiveCode) -> Result<Self, StoreError> {
        Ok(Self {
            id: valid(CodeId::from_uuid(row.id), "id of a code")?,
            digest: digest(row.digest, "digest of a code")?,
            waiting_password: row.waiting_password.map(PasswordHash::new),
        })
    }
}
