//! Rows of sessions.

use uuid::Uuid;
use vestibule_domain::{Account, Session, SessionId, TokenEpoch, TokenUse};
use vestibule_ports::StoreError;

use super::{AccountRow, count, digest, time};

/// A row of `sessions` beside that of its account.
pub(crate) struct SessionRow {
    pub(crate) id: Uuid,
    pub(crate) account: AccountRow,
    pub(crate) epoch: Vec<u8>,
    pub(crate) counter: i64,
    pub(crate) last_used_at: Option<i64>,
    pub(crate) last_use_key: Option<Vec<u8>>,
    pub(crate) began_at: i64,
}

impl TryFrom<SessionRow> for (Session, Account) {
    type Error = StoreError;

    fn try_from(row: SessionRow) -> Result<Self, StoreError> {
        let corrupt = |what| StoreError::Corrupt { what };
        let key = row.last_use_key.map(|key| digest(&key, "key of a session")).transpose()?;
        let last_used_at = row.last_used_at.map(|at| time(at, "last use of a session")).transpose()?;
        let account = Account::try_from(row.account)?;
        let epoch = row.epoch.as_slice().try_into().map(TokenEpoch::new);
        let session = Session {
            id: SessionId::from_uuid(row.id).map_err(|_| corrupt("id of a session"))?,
            account: account.id(),
            epoch: epoch.map_err(|_| corrupt("token epoch of a session"))?,
            counter: count(row.counter, "counter of a session")?,
            last_use: last_used_at.map(|at| TokenUse { key, at }),
            began_at: time(row.began_at, "beginning of a session")?,
        };
        Ok((session, account))
    }
}
