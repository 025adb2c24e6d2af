//! Signing up where the mailbox must be proven by a mailed link first.

use vestibule_domain::{Account, EmailAddress, TokenPurpose};

use super::{RegisterError, RegisterWithPassword};
use crate::{Identity, events::Cause, links::Link, mail::LinkMail, unit::Unit};

/// A sign-up and the mail that proves its mailbox.
#[derive(Debug)]
pub struct RegisterWithProof {
    /// The sign-up.
    pub registration: RegisterWithPassword,
    pub mail: LinkMail,
}

impl Identity {
    /// Makes a pending account and mails the link that makes it live. Where a social account has the address, nothing of it
    /// changes: the password waits with the link, and a disabled account gets no mail.
    pub async fn register_with_proof(&self, input: RegisterWithProof) -> Result<(), RegisterError> {
        let RegisterWithProof { registration, mail } = input;
        self.limits.registration(registration.origin.source)?;
        let now = self.core.now();
        let password = self.ports.hasher.hash(&registration.password).await?;
        let (email, cause) = (registration.email.clone(), Cause::anyone(registration.origin.clone()));
        let account = Account::new(self.new_account(registration, password.clone(), now));

        let mut unit = self.core.write_within_mail_quota(&email, TokenPurpose::EmailVerification, now).await?;
        let link = match self.insert_account(&mut unit, &account, &cause).await {
            Ok(()) => Some(Link::verification(&account, None)),
            Err(RegisterError::EmailTaken) => {
                let social = find_social(&mut unit, &email).await?.ok_or(RegisterError::EmailTaken)?;
                social.is_active().then(|| Link::verification(&social, Some(password)))
            }
            Err(error) => return Err(error),
        };
        if let Some(link) = link {
            self.post_link(&mut unit, link, mail, now).await?;
        }
        unit.commit().await?;
        Ok(())
    }
}

/// The account of an address if it signs in through providers only.
async fn find_social(unit: &mut Unit, email: &EmailAddress) -> Result<Option<Account>, RegisterError> {
    let account = unit.accounts().find_by_email_for_update(email).await?;
    Ok(account.filter(|account| account.password().is_none()))
}
