//! Mailing another code.

use vestibule_domain::{Account, AccountStatus, CodeFormat, Origin, TokenPurpose};
use vestibule_ports::Language;

use super::Mailbox;
use crate::{Fault, Identity, codes::pretend_to_replace};

/// A request for another code.
#[derive(Debug)]
pub struct ResendVerificationCode {
    /// Where the request came from.
    pub origin: Origin,
    /// Where to mail it.
    pub mailbox: Mailbox,
    /// Whether to mail it to an account whose mailbox is proven already, too.
    pub to_proven: bool,
    /// What the dialect's codes look like.
    pub format: CodeFormat,
    /// The language of the mail.
    pub language: Language,
}

impl Identity {
    /// Mails a code, which replaces any earlier one, to the owner of a mailbox that is to be proven, or may be proven again. A password that waited
    /// with the earlier code is gone: only the mail of its own sign-up carries it. For any other address the same work is
    /// done without effect.
    pub async fn resend_verification_code(&self, input: ResendVerificationCode) -> Result<(), Fault> {
        const PURPOSE: TokenPurpose = TokenPurpose::EmailVerification;
        self.limits.mail(input.origin.source)?;
        let now = self.core.now();
        let found = self.find_by_mailbox(&input.mailbox).await?;
        let address = input.mailbox.address(found.as_ref())?;
        let owner = found.filter(|account| is_to_be_mailed(account, input.to_proven));
        let signed_up_at = owner.as_ref().map_or(now, Account::created_at);
        let account = owner.as_ref().map_or_else(|| self.core.phantom_id(address.as_str()), Account::id);
        let code = input.format.generate(self.core.random());
        let content = self.core.write_verification_code(&code, signed_up_at, input.language)?;

        let mut unit = self.core.write_within_mail_quota(&address, PURPOSE, now).await?;
        let stored = self.new_code(account, PURPOSE, &code, now);
        let mail = self.core.new_mail(address.clone(), &content, now, stored.expires_at);
        let addressee = self.core.lock_addressee(&mut unit, account, &address).await?;
        if addressee.is_some_and(|account| is_to_be_mailed(&account, input.to_proven)) {
            unit.codes().replace(&stored).await?;
            self.core.post(&mut unit, mail).await?;
        } else {
            pretend_to_replace(&mut unit, &stored).await?;
            self.core.pretend_to_post(&mut unit, mail).await?;
        }
        unit.commit().await?;
        Ok(())
    }
}

fn is_to_be_mailed(account: &Account, to_proven: bool) -> bool {
    account.status() != AccountStatus::Disabled && (to_proven || account.mailbox_proven_at().is_none())
}
