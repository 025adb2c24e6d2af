//! Rows of known sources.

use std::net::IpAddr;

use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{AccountId, Source};

use super::{StoredTime, account_id, time, valid};
use crate::StoreError;

rows! {
    /// A row of a source from which an account signed in.
    pub struct StoredSource<T> {
        pub account_id: Uuid,
        pub source: String,
        pub last_used_at: T,
    }
}

impl<T: StoredTime> StoredSource<T> {
    /// The account, the source and its last use.
    pub fn parts(self) -> Result<(AccountId, Source, OffsetDateTime), StoreError> {
        let address: IpAddr = valid(self.source.parse(), "source of an account")?;
        let last_used_at = time(self.last_used_at, "last use of a source")?;
        Ok((account_id(self.account_id)?, Source::new(address), last_used_at))
    }

    /// The row of an account's source.
    pub fn of(account: AccountId, source: Source, last_used_at: OffsetDateTime) -> Self {
        Self { account_id: account.uuid(), source: source.to_string(), last_used_at: T::of(last_used_at) }
    }
}
