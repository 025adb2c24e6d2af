//! Rows of refresh families.

use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{Account, FamilyId, RefreshFamily, TokenSubject, TokenUse};
use vestibule_ports::StoreError;

use super::{AccountRow, account_id, digest, valid};

/// A row of `refresh_families` beside that of its account.
pub(crate) struct FamilyRow {
    pub(crate) id: Uuid,
    pub(crate) account: AccountRow,
    pub(crate) subject: Vec<u8>,
    pub(crate) counter: i32,
    pub(crate) last_used_at: Option<OffsetDateTime>,
    pub(crate) last_use_key: Option<Vec<u8>>,
    pub(crate) began_at: OffsetDateTime,
}

impl TryFrom<FamilyRow> for (RefreshFamily, Account) {
    type Error = StoreError;

    fn try_from(row: FamilyRow) -> Result<Self, StoreError> {
        let key = row.last_use_key.map(|key| digest(key, "key of a refresh family")).transpose()?;
        let family = RefreshFamily {
            id: valid(FamilyId::from_uuid(row.id), "id of a refresh family")?,
            account: account_id(row.account.id)?,
            subject: TokenSubject::new(valid(row.subject.try_into(), "token subject of a refresh family")?),
            counter: valid(row.counter.try_into(), "counter of a refresh family")?,
            last_use: row.last_used_at.map(|at| TokenUse { key, at }),
            began_at: row.began_at,
        };
        Ok((family, Account::try_from(row.account)?))
    }
}
