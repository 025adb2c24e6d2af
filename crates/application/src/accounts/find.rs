//! Finding an account by what the operator knows of it.

use std::{fmt, str::FromStr};

use vestibule_domain::{Account, AccountId, EmailAddress, Username, text};

use super::Reader;
use crate::{Fault, Identity};

/// What an account is known by, written as 24 hexadecimal digits or a UUID, an address or a user name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountSelector {
    /// Its id.
    Id(AccountId),
    /// Its id or, if no account has that, its user name: 24 hexadecimal digits may be either.
    IdOrUsername(AccountId, Username),
    /// Its address.
    Email(EmailAddress),
    /// Its user name.
    Username(Username),
}

/// Why a text does not name an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither an id (24 hex digits or a UUID), nor an e-mail address, nor a user name")]
pub struct InvalidAccountSelector;

impl FromStr for AccountSelector {
    type Err = InvalidAccountSelector;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text::trim(text);
        if text.contains('@') {
            return EmailAddress::parse(text).map(Self::Email).map_err(|_| InvalidAccountSelector);
        }
        match (AccountId::parse(text), Username::parse(text)) {
            (Ok(id), Ok(username)) => Ok(Self::IdOrUsername(id, username)),
            (Ok(id), Err(_)) => Ok(Self::Id(id)),
            (Err(_), Ok(username)) => Ok(Self::Username(username)),
            (Err(_), Err(_)) => Err(InvalidAccountSelector),
        }
    }
}

impl fmt::Display for AccountSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) | Self::IdOrUsername(id, _) => f.write_str(&id.hex()),
            Self::Email(email) => email.fmt(f),
            Self::Username(username) => username.fmt(f),
        }
    }
}

impl Identity {
    /// The account that is meant, if there is one.
    pub async fn find_account(
        &self,
        _reader: Reader<'_>,
        selector: &AccountSelector,
    ) -> Result<Option<Account>, Fault> {
        let accounts = self.core.read().accounts();
        Ok(match selector {
            AccountSelector::Id(id) => accounts.find(*id).await?,
            AccountSelector::IdOrUsername(id, username) => match accounts.find(*id).await? {
                Some(account) => Some(account),
                None => accounts.find_by_username(username).await?,
            },
            AccountSelector::Email(email) => accounts.find_by_email(email).await?,
            AccountSelector::Username(username) => accounts.find_by_username(username).await?,
        })
    }
}
