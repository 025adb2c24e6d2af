//! Signing up where the mailbox must be proven by a mailed code first.

use vestibule_domain::{Account, CodeFormat, DossierChange, NewAccount, OneTimeCode, PasswordHash, Role, TokenPurpose};
use vestibule_ports::Language;

use super::{RegisterError, RegisterWithCodeError, RegisterWithPassword};
use crate::{Caller, Identity, dossier::edit_dossier, events::Cause, passwords, rights::may_make, unit::Unit};

/// A sign-up and the code that proves its mailbox.
#[derive(Debug)]
pub struct RegisterWithCode {
    /// The sign-up.
    pub registration: RegisterWithPassword,
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
        let RegisterWithCode { registration, role, format, language } = input;
        self.limits.registration(registration.origin.source)?;
        let role = granted(caller, role)?;
        passwords::check_for(role, &registration.password)?;
        let password = registration.password.clone();
        let now = self.core.now();
        let hash = self.ports.hasher.hash(&registration.password).await?;
        let (email, origin, told) =
            (registration.email.clone(), registration.origin.clone(), registration.dossier.clone());
        let cause = caller.map_or_else(|| Cause::anyone(origin), Cause::from);
        let account = Account::new(NewAccount { role, ..self.new_account(registration, hash.clone(), now) });
        let code = format.generate(self.core.random());
        let content = self.core.write_verification_code(&code, now, language)?;

        let mut unit = self.core.write_within_mail_quota(&email, TokenPurpose::EmailVerification, now).await?;
        let (owner, waiting) = self.store_sign_up(&mut unit, (account, told), hash, &cause).await?;
        passwords::check_for(owner.role(), &password)?;
        let stored = self.new_code(owner.id(), TokenPurpose::EmailVerification, &code, now);
        let stored = OneTimeCode { waiting_password: waiting, ..stored };
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
        (account, told): (Account, DossierChange),
        hash: PasswordHash,
        cause: &Cause,
    ) -> Result<(Account, Option<PasswordHash>), RegisterWithCodeError> {
        match self.insert_account(unit, &account, cause).await {
            Ok(()) => {
                edit_dossier(unit, &account, told, account.created_at()).await.map_err(RegisterError::from)?;
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
