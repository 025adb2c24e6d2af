//! Proving a mailbox by a mailed code.

mod resend;
mod verify_code;

pub use resend::ResendVerificationCode;
pub use verify_code::VerifyMailboxByCode;
use vestibule_domain::{Account, AccountId, EmailAddress};
use vestibule_ports::StoreError;

use crate::{
    Core, Identity,
    fault::{Fault, faults_into},
};

/// Whose mailbox is to be proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mailbox {
    /// That of the account with this address, which may be that of no account.
    Of(EmailAddress),
    /// That of this account, which may not exist.
    OfAccount(AccountId),
}

/// Why a mailbox was not proven.
#[derive(Debug, thiserror::Error)]
pub enum VerificationError {
    /// Wrong, used, expired, tried too often, or of no account.
    #[error("the code is invalid")]
    Invalid,
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(VerificationError: StoreError);

impl Mailbox {
    /// The id of its account; one that does not exist has one made of what is asked for.
    fn account_id(&self, core: &Core, found: Option<&Account>) -> AccountId {
        match (found, self) {
            (Some(account), _) => account.id(),
            (None, Self::Of(email)) => core.phantom_id(email.as_str()),
            (None, Self::OfAccount(id)) => *id,
        }
    }

    /// The address to count mail by; that of no account is made of its id.
    fn address(&self, found: Option<&Account>) -> Result<EmailAddress, Fault> {
        match (found, self) {
            (Some(account), _) => Ok(account.email().clone()),
            (None, Self::Of(email)) => Ok(email.clone()),
            (None, Self::OfAccount(id)) => {
                EmailAddress::parse(&format!("{}@account.invalid", id.hex())).map_err(|error| Fault::internal(error))
            }
        }
    }
}

impl Identity {
    async fn find_by_mailbox(&self, mailbox: &Mailbox) -> Result<Option<Account>, Fault> {
        let accounts = self.core.read().accounts();
        Ok(match mailbox {
            Mailbox::Of(email) => accounts.find_by_email(email).await?,
            Mailbox::OfAccount(id) => accounts.find(*id).await?,
        })
    }
}
