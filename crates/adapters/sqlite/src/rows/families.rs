//! Rows of refresh families.

use uuid::Uuid;
use vestibule_domain::{Account, FamilyId, RefreshFamily, TokenSubject, TokenUse};
use vestibule_ports::StoreError;

use super::{AccountRow, count, digest, time};

/// A row of `refresh_families` beside that of its account.
pub(crate) struct FamilyRow {
    pub(crate) id: Uuid,
    pub(crate) account: AccountRow,
    pub(crate) subject: Vec<u8>,
    pub(crate) counter: i64,
    pub(crate) last_used_at: Option<i64>,
    pub(crate) last_use_key: Option<Vec<u8>>,
    pub(crate) began_at: i64,
}

impl TryFrom<FamilyRow> for (RefreshFamily, Account) {
    type Error = StoreError;

    fn try_from(row: FamilyRow) -> Result<Self, StoreError> {
        let corrupt = |what| StoreError::Corrupt { what };
        let key = row.last_use_key.map(|key| digest(&key, "key of a refresh family")).transpose()?;
        let last_used_at = row.last_used_at.map(|at| time(at, "last use of a refresh family")).transpose()?;
        let account = Account::try_from(row.account)?;
        let subject = row.subject.as_slice().try_into().map(TokenSubject::new);
        let family = RefreshFamily {
            id: FamilyId::from_uuid(row.id).map_err(|_| corrupt("id of a refresh family"))?,
            account: account.id(),
            subject: subject.map_err(|_| corrupt("token subject of a refresh family"))?,
            counter: count(row.counter, "counter of a refresh family")?,
            last_use: last_used_at.map(|at| TokenUse { key, at }),
            began_at: time(row.began_at, "beginning of a refresh family")?,
        };
        Ok((family, account))
    }
}
