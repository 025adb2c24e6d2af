//! Making an account of any role.

use vestibule_domain::{
    Account, AccountId, AccountStatus, EmailAddress, EventKind, NewAccount, NewPassword, PermissionSet, PersonName,
    Role, Username,
};

use super::AdministrationError;
use crate::{Identity, Operator, events::Cause, passwords};

/// A new account.
#[derive(Debug)]
pub struct CreateAccount {
    /// Its address.
    pub email: EmailAddress,
    /// Its user name, if any.
    pub username: Option<Username>,
    /// Its owner's name.
    pub name: PersonName,
    /// Its role.
    pub role: Role,
    /// Its single permissions.
    pub permissions: PermissionSet,
    /// Its password.
    pub password: NewPassword,
}

impl Identity {
    /// Makes an active account with a proven mailbox: the operator vouches for it.
    pub async fn create_account(
        &self,
        _operator: Operator,
        input: CreateAccount,
    ) -> Result<Account, AdministrationError> {
        self.make_account(input, Cause::OPERATOR).await
    }

    /// Makes it for a maker who may vouch for the mailbox.
    pub(crate) async fn make_account(
        &self,
        input: CreateAccount,
        cause: Cause,
    ) -> Result<Account, AdministrationError> {
        passwords::check_for(input.role, &input.password)?;
        let now = self.core.now();
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
        self.core.record(&mut unit, (EventKind::Creation, Some(account.id())), &cause, now).await?;
        unit.commit().await?;
        Ok(account)
    }
}
