//! Signing up where the mailbox must be proven by a mailed code first.

use time::OffsetDateTime;
use vestibule_domain::{
    Account, AccountStatus, CodeFormat, Dossier, DossierChange, OneTimeCode, PasswordHash, PhoneNumber, Role,
    TokenPurpose,
};
use vestibule_ports::{Language, StoreError, UniqueKey};

use super::{RegisterError, RegisterWithCodeError, RegisterWithPassword};
use crate::{Caller, Identity, events::Cause, passwords, rights::may_make, unit::Unit};

/// A sign-up and the code that proves its mailbox.
#[derive(Debug)]
pub struct RegisterWithCode {
    /// The sign-up.
    pub registration: RegisterWithPassword,
    /// The telephone number.
    pub phone: Option<PhoneNumber>,
    /// The role that is asked for.
    pub role: Role,
    /// What the dialect's codes look like.
    pub format: CodeFormat,
    /// The language of the mail.
    pub language: Language,
}

impl Identity {
    /// Makes a pending account and mails the code that makes it live; its role is what the caller may give, and a user's
    /// without a caller. Where a live account with an unproven mailbox has the address, nothing of it changes: the
    /// password waits with the code.
    pub async fn register_with_code(
        &self,
        caller: Option<&Caller>,
        input: RegisterWithCode,
    ) -> Result<(), RegisterWithCodeError> {
        let RegisterWithCode { registration, phone, role, format, language } = input;
        self.limits.registration(registration.origin.source)?;
        let role = granted(caller, role)?;
        passwords::check_for(role, &registration.password)?;
        let password = registration.password.clone();
        let now = self.core.now();
        let hash = self.ports.hasher.hash(&registration.password).await?;
        let (email, origin) = (registration.email.clone(), registration.origin.clone());
        let cause = caller.map_or_else(|| Cause::anyone(origin), Cause::from);
        let account = self.new_account(registration, (role, AccountStatus::Pending), hash.clone(), now);
        let dossier = phone.map(|phone| begun(&account, phone, now));
        let code = format.generate(self.core.random());
        let content = self.core.write_verification_code(&code, now, language)?;

        let mut unit = self.core.write_within_mail_quota(&email, TokenPurpose::EmailVerification, now).await?;
        let (owner, waiting) = self.store_sign_up(&mut unit, (account, dossier), hash, &cause).await?;
        passwords::check_for(owner.role(), &password)?;
        let stored: OneTimeCode = self.new_code((owner.id(), TokenPurpose::EmailVerification), &code, waiting, now);
        unit.codes().replace(&stored).await?;
        let mail = self.core.new_mail(email, &content, now, stored.expires_at);
        self.core.post(&mut unit, mail).await?;
        unit.commit().await?;
        Ok(())
    }

    /// Stores the new account; or finds the live one of its address, for which the password waits.
    async fn store_sign_up(
        &self,
        unit: &mut Unit,
        (account, dossier): (Account, Option<Dossier>),
        hash: PasswordHash,
        cause: &Cause,
    ) -> Result<(Account, Option<PasswordHash>), RegisterWithCodeError> {
        match self.insert_account(unit, &account, cause).await {
            Ok(()) => {
                if let Some(dossier) = dossier {
                    store(unit, &dossier).await?;
                }
                Ok((account, None))
            }
            Err(RegisterError::EmailTaken) => {
                let live = unit.accounts().find_by_email_for_update(account.email()).await?;
                let is_unproven = |live: &Account| live.is_active() && live.mailbox_proven_at().is_none();
                Ok((live.filter(is_unproven).ok_or(RegisterError::EmailTaken)?, Some(hash)))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// The role of the new account: at most what the caller may assign; without a caller, `user`.
fn granted(caller: Option<&Caller>, role: Role) -> Result<Role, RegisterWithCodeError> {
    match caller {
        None => Ok(Role::User),
        Some(caller) if may_make(caller.account(), role) => Ok(role),
        Some(_) => Err(RegisterWithCodeError::Forbidden),
    }
}

/// A dossier with a telephone number.
fn begun(account: &Account, phone: PhoneNumber, now: OffsetDateTime) -> Dossier {
    let mut dossier = Dossier::empty(account.id());
    dossier.change(DossierChange::of_phone(phone), now);
    dossier
}

async fn store(unit: &mut Unit, dossier: &Dossier) -> Result<(), RegisterWithCodeError> {
    unit.dossiers().replace(dossier).await.map_err(|error| match error {
        StoreError::Conflict(UniqueKey::DossierPhone) => RegisterWithCodeError::PhoneTaken,
        other => other.into(),
    })
}
