//! Rows of sessions.

use uuid::Uuid;
use vestibule_domain::{Account, AccountId, Owner, Session, SessionId, TokenEpoch, TokenUse};

use super::{StoredAccount, StoredTime, account_id, digest, optional_time, time, valid};
use crate::StoreError;

rows! {
    /// A row of a session; an anonymous one has neither an account nor an epoch.
    pub struct StoredSession<T> {
        pub id: Uuid,
        pub account_id: Option<Uuid>,
        pub epoch: Option<Vec<u8>>,
        pub counter: i64,
        pub last_used_at: Option<T>,
        pub last_use_key: Option<Vec<u8>>,
        pub began_at: T,
    }
}

impl<T: StoredTime> TryFrom<StoredSession<T>> for Session {
    type Error = StoreError;

    fn try_from(row: StoredSession<T>) -> Result<Self, StoreError> {
        let key = row.last_use_key.map(|key| digest(key, "key of a session")).transpose()?;
        let last_used_at = optional_time(row.last_used_at, "last use of a session")?;
        Ok(Self {
            id: valid(SessionId::from_uuid(row.id), "id of a session")?,
            owner: owner(row.account_id, row.epoch)?,
            counter: valid(row.counter.try_into(), "counter of a session")?,
            last_use: last_used_at.map(|at| TokenUse { key, at }),
            began_at: time(row.began_at, "beginning of a session")?,
        })
    }
}

impl<T: StoredTime> StoredSession<T> {
    /// The session with the account that was read with it; corrupt if the account is not its owner.
    pub fn with_account(self, account: Option<StoredAccount<T>>) -> Result<Session<Account>, StoreError> {
        let account = account.map(Account::try_from).transpose()?;
        let session = Session::try_from(self)?.with_account(account);
        session.ok_or(StoreError::Corrupt { what: "account of a session" })
    }
}

impl<T: StoredTime> From<&Session> for StoredSession<T> {
    fn from(session: &Session) -> Self {
        let last = session.last_use.as_ref();
        Self {
            id: session.id.uuid(),
            account_id: session.owner.account().map(AccountId::uuid),
            epoch: session.owner.epoch().map(|epoch| epoch.bytes().to_vec()),
            counter: session.counter.into(),
            last_used_at: last.map(|last| T::of(last.at)),
            last_use_key: last.and_then(|last| last.key).map(|key| key.bytes().to_vec()),
            began_at: T::of(session.began_at),
        }
    }
}

fn owner(account: Option<Uuid>, epoch: Option<Vec<u8>>) -> Result<Owner, StoreError> {
    match (account, epoch) {
        (Some(account), Some(epoch)) => {
            let epoch = TokenEpoch::new(valid(epoch.try_into(), "token epoch of a session")?);
            Ok(Owner::Account { account: account_id(account)?, epoch })
        }
        (None, None) => Ok(Owner::Anonymous),
        _ => Err(StoreError::Corrupt { what: "owner of a session" }),
    }
}
