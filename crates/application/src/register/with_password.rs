//! Signing up with an e-mail address and a password.

use time::OffsetDateTime;
use vestibule_domain::{
    Account, AccountId, AccountStatus, Dossier, DossierChange, EmailAddress, NewAccount, NewPassword, Origin,
    PasswordHash, PersonName, Role, Username,
};

use super::RegisterError;
use crate::{Identity, dossier::edited_dossier, events::Cause};

/// A sign-up whose every part has been taken by the domain.
#[derive(Debug)]
pub struct RegisterWithPassword {
    /// Where the request came from.
    pub origin: Origin,
    pub email: EmailAddress,
    /// The user name, where the dialect has one.
    pub username: Option<Username>,
    /// The owner's name.
    pub name: PersonName,
    pub password: NewPassword,
    /// What the owner tells beside it.
    pub dossier: DossierChange,
}

/// A new account.
#[derive(Debug)]
pub struct Registered {
    /// The account, as stored.
    pub account: Account,
    /// What its owner told beside it.
    pub dossier: Dossier,
    /// When it was made.
    pub at: OffsetDateTime,
}

impl Identity {
    /// Makes a user's account that lives at once, with an unproven mailbox; it replaces a provisional one.
    pub async fn register_with_password(&self, input: RegisterWithPassword) -> Result<Registered, RegisterError> {
        self.register_live(input, false).await
    }

    /// The same for a client that is signed in at once, with a token.
    pub async fn register_and_sign_in(&self, input: RegisterWithPassword) -> Result<Registered, RegisterError> {
        self.register_live(input, true).await
    }

    async fn register_live(&self, input: RegisterWithPassword, signs_in: bool) -> Result<Registered, RegisterError> {
        self.limits.registration(input.origin.source)?;
        let (now, origin, told) = (self.core.now(), input.origin.clone(), input.dossier.clone());
        let password = self.ports.hasher.hash(&input.password).await?;
        let account = NewAccount { status: AccountStatus::Active, ..self.new_account(input, password, now) };
        let account = Account::new(account);
        let mut unit = self.core.begin().await?;
        self.insert_account(&mut unit, &account, &Cause::anyone(origin.clone())).await?;
        let dossier = if told.is_empty() {
            Dossier::empty(account.id())
        } else {
            edited_dossier(&mut unit, &account, told, now).await?
        };
        if signs_in {
            self.note_sign_in(&mut unit, account.id(), &origin, now).await?;
        }
        unit.commit().await?;
        Ok(Registered { account, dossier, at: now })
    }

    /// A user's account that is pending, with an unproven mailbox.
    pub(super) fn new_account(
        &self,
        registration: RegisterWithPassword,
        password: PasswordHash,
        now: OffsetDateTime,
    ) -> NewAccount {
        NewAccount {
            id: AccountId::new(now, self.core.random()),
            email: registration.email,
            username: registration.username,
            name: registration.name,
            role: Role::User,
            status: AccountStatus::Pending,
            password: Some(password),
            epoch: self.new_epoch(),
            mailbox_proven_at: None,
            identity: None,
            created_at: now,
        }
    }
}
