//! Rows of sessions.

use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{Account, Session, SessionId, TokenEpoch, TokenUse};
use vestibule_ports::StoreError;

use super::{AccountRow, account_id, digest, valid};

/// A row of `sessions` beside that of its account.
pub(crate) struct SessionRow {
    pub(crate) id: Uuid,
    pub(crate) account: AccountRow,
    pub(crate) epoch: Vec<u8>,
    pub(crate) counter: i32,
    pub(crate) last_used_at: Option<OffsetDateTime>,
    pub(crate) last_use_key: Option<Vec<u8>>,
    pub(crate) began_at: OffsetDateTime,
}

impl TryFrom<SessionRow> for (Session, Account) {
    type Error = StoreError;

    fn try_from(row: SessionRow) -> Result<Self, StoreError> {
        let key = row.last_use_key.map(|key| digest(key, "key of a session")).transpose()?;
        let session = Session {
            id: valid(SessionId::from_uuid(row.id), "id of a session")?,
            account: account_id(row.account.id)?,
            epoch: TokenEpoch::new(valid(row.epoch.try_into(), "token epoch of a session")?),
            counter: valid(row.counter.try_into(), "counter of a session")?,
            last_use: row.last_used_at.map(|at| TokenUse { key, at }),
            began_at: row.began_at,
        };
        Ok((session, Account::try_from(row.account)?))
    }
}
