//! Rows of sessions.

use uuid::Uuid;
use vestibule_domain::{Account, Owner, Session, SessionId, TokenEpoch, TokenUse};
use vestibule_ports::StoreError;

use super::{AccountRow, account_id, count, digest, time};

/// A row of `sessions`, with that of its account if it has one.
pub(crate) struct SessionRow {
    pub(crate) id: Uuid,
    pub(crate) account_id: Option<Uuid>,
    pub(crate) epoch: Option<Vec<u8>>,
    pub(crate) counter: i64,
    pub(crate) last_used_at: Option<i64>,
    pub(crate) last_use_key: Option<Vec<u8>>,
    pub(crate) account: Option<AccountRow>,
    pub(crate) began_at: i64,
}

impl TryFrom<SessionRow> for Session<Account> {
    type Error = StoreError;

    fn try_from(row: SessionRow) -> Result<Self, StoreError> {
        let corrupt = |what| StoreError::Corrupt { what };
        let key = row.last_use_key.map(|key| digest(&key, "key of a session")).transpose()?;
        let last_used_at = row.last_used_at.map(|at| time(at, "last use of a session")).transpose()?;
        let account = row.account.map(Account::try_from).transpose()?;
        let session = Session {
            id: SessionId::from_uuid(row.id).map_err(|_| corrupt("id of a session"))?,
            owner: owner(row.account_id, row.epoch)?,
            counter: count(row.counter, "counter of a session")?,
            last_use: last_used_at.map(|at| TokenUse { key, at }),
            began_at: time(row.began_at, "beginning of a session")?,
        };
        session.with_account(account).ok_or(corrupt("account of a session"))
    }
}

fn owner(account: Option<Uuid>, epoch: Option<Vec<u8>>) -> Result<Owner, StoreError> {
    match (account, epoch) {
        (Some(account), Some(epoch)) => {
            let epoch = epoch.try_into().map_err(|_| StoreError::Corrupt { what: "token epoch of a session" })?;
            Ok(Owner::Account { account: account_id(account)?, epoch: TokenEpoch::new(epoch) })
        }
        (None, None) => Ok(Owner::Anonymous),
        _ => Err(StoreError::Corrupt { what: "owner of a session" }),
    }
}
