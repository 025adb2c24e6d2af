//! Rows of one-time tokens.

use uuid::Uuid;
use vestibule_domain::{OneTimeToken, PasswordHash};

use super::{StoredTime, account_id, digest, time, valid};
use crate::StoreError;

rows! {
    /// A row of a token.
    pub struct StoredToken<T> {
        pub digest: Vec<u8>,
        pub account_id: Uuid,
        pub purpose: String,
        pub expires_at: T,
        pub waiting_password: Option<String>,
    }
}

impl<T: StoredTime> TryFrom<StoredToken<T>> for OneTimeToken {
    type Error = StoreError;

    fn try_from(row: StoredToken<T>) -> Result<Self, StoreError> {
        Ok(Self {
            digest: digest(row.digest, "digest of a token")?,
            account: account_id(row.account_id)?,
            purpose: valid(row.purpose.parse(), "purpose of a token")?,
            expires_at: time(row.expires_at, "expiry of a token")?,
            waiting_password: row.waiting_password.map(PasswordHash::new),
        })
    }
}

impl<T: StoredTime> From<&OneTimeToken> for StoredToken<T> {
    fn from(token: &OneTimeToken) -> Self {
        Self {
            digest: token.digest.bytes().to_vec(),
            account_id: token.account.uuid(),
            purpose: token.purpose.as_str().to_owned(),
            expires_at: T::of(token.expires_at),
            waiting_password: token.waiting_password.as_ref().map(|hash| hash.expose().to_owned()),
        }
    }
}
