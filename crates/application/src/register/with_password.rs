//! Signing up with an e-mail address and a password.

use time::OffsetDateTime;
use vestibule_domain::{
    Account, AccountId, AccountStatus, EmailAddress, NewAccount, NewPassword, Origin, PasswordHash, PersonName, Role,
    Username,
};
use vestibule_ports::{StoreError, UniqueKey, UnitOfWork};

use super::RegisterError;
use crate::Application;

/// A sign-up whose every part has been taken by the domain.
#[derive(Debug)]
pub struct RegisterWithPassword {
    /// Where the request came from.
    pub origin: Origin,
    /// The address.
    pub email: EmailAddress,
    /// The user name, where the dialect has one.
    pub username: Option<Username>,
    /// The owner's name.
    pub name: PersonName,
    /// The password.
    pub password: NewPassword,
}

/// A new account.
#[derive(Debug)]
pub struct Registered {
    /// The account, as stored.
    pub account: Account,
    /// When it was made.
    pub at: OffsetDateTime,
}

impl Application {
    /// Makes a user's account that lives at once, with an unproven mailbox; it takes the place of a provisional one.
    pub async fn register_with_password(&self, input: RegisterWithPassword) -> Result<Registered, RegisterError> {
        self.limits.registration(input.origin.source)?;
        let now = self.now();
        let password = self.ports.hasher.hash(&input.password).await?;
        let account = self.new_account(input, (Role::User, AccountStatus::Active), password, now);
        let mut unit = self.ports.store.write().await?;
        insert_account(unit.as_mut(), &account).await?;
        unit.commit().await?;
        Ok(Registered { account, at: now })
    }

    /// An account with an unproven mailbox.
    pub(super) fn new_account(
        &self,
        registration: RegisterWithPassword,
        (role, status): (Role, AccountStatus),
        password: PasswordHash,
        now: OffsetDateTime,
    ) -> Account {
        Account::new(NewAccount {
            id: AccountId::new(now, self.random()),
            email: registration.email,
            username: registration.username,
            name: registration.name,
            role,
            status,
            password: Some(password),
            subject: self.new_subject(),
            mailbox_proven_at: None,
            identity: None,
            created_at: now,
        })
    }
}

/// Inserts an account. A provisional account makes room: for its address altogether, and for its user name if the new account
/// is live.
pub(crate) async fn insert_account(unit: &mut dyn UnitOfWork, account: &Account) -> Result<(), RegisterError> {
    loop {
        let taken = match unit.accounts().insert(account).await {
            Err(StoreError::Conflict(taken)) => taken,
            other => return Ok(other?),
        };
        if !make_room(unit, account, taken).await? {
            return Err(match taken {
                UniqueKey::AccountEmail => RegisterError::EmailTaken,
                UniqueKey::AccountUsername => RegisterError::UsernameTaken,
                UniqueKey::AccountIdentity => RegisterError::IdentityTaken,
                UniqueKey::AccountId | UniqueKey::DossierPhone => StoreError::Conflict(taken).into(),
            });
        }
    }
}

async fn make_room(unit: &mut dyn UnitOfWork, account: &Account, taken: UniqueKey) -> Result<bool, StoreError> {
    match (taken, account.username()) {
        (UniqueKey::AccountEmail, _) => unit.accounts().remove_provisional(account.email()).await,
        (UniqueKey::AccountUsername, Some(name)) if account.is_active() => unit.accounts().release_username(name).await,
        _ => Ok(false),
    }
}
