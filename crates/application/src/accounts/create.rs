//! Making an account of any role.

use vestibule_domain::{
    Account, AccountId, AccountStatus, EmailAddress, EventKind, NewAccount, NewPassword, PermissionSet, PersonName,
    Role, Username,
};
use vestibule_ports::{HashError, StoreError};

use super::Ruler;
use crate::{
    CommonPassword, Identity,
    fault::{Fault, faults_into},
    passwords,
    register::RegisterError,
};

/// A new account.
#[derive(Debug)]
pub struct CreateAccount {
    pub email: EmailAddress,
    /// Its user name, if any.
    pub username: Option<Username>,
    /// Its owner's name.
    pub name: PersonName,
    pub role: Role,
    /// Its single permissions.
    pub permissions: PermissionSet,
    pub password: NewPassword,
}

/// Why an account was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateAccountError {
    /// Another account has this address.
    #[error("another account has this e-mail address")]
    EmailTaken,
    /// Another account has this user name.
    #[error("another account has this user name")]
    UsernameTaken,
    /// Too common for the account's role.
    #[error(transparent)]
    CommonPassword(#[from] CommonPassword),
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(CreateAccountError: StoreError, HashError);

impl From<RegisterError> for CreateAccountError {
    fn from(error: RegisterError) -> Self {
        match error {
            // No identity and no telephone number is given.
            RegisterError::EmailTaken | RegisterError::IdentityTaken | RegisterError::PhoneTaken => Self::EmailTaken,
            RegisterError::UsernameTaken => Self::UsernameTaken,
            RegisterError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl Identity {
    /// Makes an active account with a proven mailbox: who makes it vouches for that.
    pub async fn create_account(&self, ruler: Ruler<'_>, input: CreateAccount) -> Result<Account, CreateAccountError> {
        passwords::check_for(input.role, &input.password)?;
        let (now, cause) = (self.core.now(), ruler.cause());
        let password = self.ports.hasher.hash(&input.password).await?;
        let mut account = Account::new(NewAccount {
            id: AccountId::new(now, self.core.random()),
            email: input.email,
            username: input.username,
            name: input.name,
            role: input.role,
            status: AccountStatus::Active,
            password: Some(password),
            epoch: self.new_epoch(),
            mailbox_proven_at: Some(now),
            identity: None,
            created_at: now,
        });
        account.change_permissions(input.permissions, now);
        let mut unit = self.core.begin().await?;
        self.insert_account(&mut unit, &account, &cause).await?;
        self.core.record(&mut unit, cause.of(EventKind::Creation, Some(account.id())), now).await?;
        unit.commit().await?;
        Ok(account)
    }
}
