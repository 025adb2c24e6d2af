//! Finding an account by whatever the operator knows of it.

use vestibule_domain::{Account, AccountId, EmailAddress, Username};

use super::AdministrationError;
use crate::{Application, Operator};

/// What an account is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountSelector {
    /// Its id.
    Id(AccountId),
    /// Its address.
    Email(EmailAddress),
    /// Its user name.
    Username(Username),
}

impl AccountSelector {
    /// Reads 24 hexadecimal digits as an id, a text with `@` as an address, any other as a user name.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(id) = AccountId::from_hex(text) {
            Some(Self::Id(id))
        } else if text.contains('@') {
            EmailAddress::parse(text).ok().map(Self::Email)
        } else {
            Username::parse(text).ok().map(Self::Username)
        }
    }
}

impl Application {
    /// The account that is meant.
    pub async fn find_account(
        &self,
        _operator: Operator,
        selector: &AccountSelector,
    ) -> Result<Account, AdministrationError> {
        let accounts = self.ports.store.read().accounts();
        let found = match selector {
            AccountSelector::Id(id) => accounts.find(*id).await?,
            AccountSelector::Email(email) => accounts.find_by_email(email).await?,
            AccountSelector::Username(username) => accounts.find_by_username(username).await?,
        };
        found.ok_or(AdministrationError::NotFound)
    }
}
