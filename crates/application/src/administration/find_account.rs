//! Finding an account by whatever the operator knows of it.

use std::{fmt, str::FromStr};

use vestibule_domain::{Account, AccountId, EmailAddress, Username};

use super::AdministrationError;
use crate::{Identity, Operator};

/// What an account is known by, written as 24 hexadecimal digits or a UUID, an address or a user name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountSelector {
    /// Its id.
    Id(AccountId),
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
        if text.contains('@') {
            return EmailAddress::parse(text).map(Self::Email).map_err(|_| InvalidAccountSelector);
        }
        if let Ok(id) = AccountId::parse(text) {
            return Ok(Self::Id(id));
        }
        Username::parse(text).map(Self::Username).map_err(|_| InvalidAccountSelector)
    }
}

impl fmt::Display for AccountSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => f.write_str(&id.hex()),
            Self::Email(email) => email.fmt(f),
            Self::Username(username) => username.fmt(f),
        }
    }
}

impl Identity {
    /// The account that is meant.
    pub async fn find_account(
        &self,
        _operator: Operator,
        selector: &AccountSelector,
    ) -> Result<Account, AdministrationError> {
        let accounts = self.core.read().accounts();
        let found = match selector {
            AccountSelector::Id(id) => accounts.find(*id).await?,
            AccountSelector::Email(email) => accounts.find_by_email(email).await?,
            AccountSelector::Username(username) => accounts.find_by_username(username).await?,
        };
        found.ok_or(AdministrationError::NotFound)
    }
}
