//! Writing a mail in the transaction of its cause.

use time::OffsetDateTime;
use vestibule_domain::{
    Account, AccountId, EmailAddress, MailId, TokenPurpose,
    mail::{Mail, MailContent, OutboxMail, ReceivedMail},
};
use vestibule_ports::StoreError;

use crate::{Core, Fault, MailDelivery, throttles::Count, unit::Unit};

/// A mail before it is written: kept whole for the local mailbox, sealed for the outbox.
pub(crate) enum Letter {
    ForOutbox(OutboxMail),
    ForMailbox(ReceivedMail),
}

impl Core {
    /// Makes a mail that is of use until `expires_at`. The work is the same whether it will be posted or not.
    pub(crate) fn new_mail(
        &self,
        to: EmailAddress,
        content: &MailContent,
        now: OffsetDateTime,
        expires_at: OffsetDateTime,
    ) -> Letter {
        let id = MailId::new(now, self.random());
        match &self.policy.mail {
            MailDelivery::LocalMailbox { from } => Letter::ForMailbox(ReceivedMail {
                mail: Mail { id, to, content: content.clone() },
                from: from.clone(),
                received_at: now,
            }),
            MailDelivery::Outbox => Letter::ForOutbox(OutboxMail {
                id,
                to,
                sealed_content: self.seal(content),
                attempts: 0,
                created_at: now,
                due_at: now,
                expires_at,
            }),
        }
    }

    /// A mail that tells the owner of an account what happened.
    pub(crate) fn new_notice(&self, account: &Account, content: &MailContent, now: OffsetDateTime) -> Letter {
        self.new_mail(account.email().clone(), content, now, now + self.policy.outbox.max_age)
    }

    /// Writes a mail; it goes out if the unit is committed.
    pub(crate) async fn post(&self, unit: &mut Unit, letter: Letter) -> Result<(), StoreError> {
        unit.expect_mail();
        match letter {
            Letter::ForOutbox(mail) => unit.outbox().insert(&mail).await,
            Letter::ForMailbox(mail) => unit.mailbox().insert(&mail).await,
        }
    }

    /// Does the work of [`Core::post`], to no effect; not in the local mailbox, where everything is shown anyway.
    pub(crate) async fn pretend_to_post(&self, unit: &mut Unit, letter: Letter) -> Result<(), StoreError> {
        unit.expect_mail();
        if let Letter::ForOutbox(mail) = letter {
            unit.outbox().insert(&mail).await?;
            unit.outbox().withdraw(mail.id).await?;
        }
        Ok(())
    }

    /// Locks the account that a mail was written for, if it still has the address that the mail goes to: what is mailed to
    /// the mailbox of before must not prove the one of now. For an account that does not exist the work is the same.
    pub(crate) async fn lock_addressee(
        &self,
        unit: &mut Unit,
        account: AccountId,
        address: &EmailAddress,
    ) -> Result<Option<Account>, StoreError> {
        let account = unit.accounts().find_for_update(account).await?;
        Ok(account.filter(|account| account.email() == address))
    }

    /// Opens a unit in which one mail to a mailbox is counted, whether or not an account has the address; where one of the
    /// counts refuses, none of them stays.
    pub(crate) async fn write_within_mail_quota(
        &self,
        to: &EmailAddress,
        purpose: TokenPurpose,
        now: OffsetDateTime,
    ) -> Result<Unit, Fault> {
        let mut unit = self.begin().await?;
        if !self.policy.limits {
            return Ok(unit);
        }
        for count in self.mail_counts(to, purpose) {
            if let Err(throttled) = unit.throttles().take(&count.key, count.rule, now).await? {
                drop(unit);
                return Err(self.refuse_take(&count, throttled, now).await);
            }
        }
        Ok(unit)
    }

    fn mail_counts(&self, to: &EmailAddress, purpose: TokenPurpose) -> [Count<'_>; 3] {
        let limits = &self.policy.mailbox;
        let mailbox = self.phantom_id(to.as_str()).hex();
        [
            Count { key: format!("mail-interval/{}/{mailbox}", purpose.as_str()), rule: &limits.interval },
            Count { key: format!("mail-hourly/{mailbox}"), rule: &limits.hourly },
            Count { key: format!("mail-daily/{mailbox}"), rule: &limits.daily },
        ]
    }

    fn seal(&self, content: &MailContent) -> Vec<u8> {
        let MailContent { subject, text, html } = content;
        self.ports.keyring.seal(serde_json::json!([subject, text, html]).to_string().as_bytes())
    }

    /// Opens the content of a mail from the outbox; `None` if it was sealed under another secret.
    pub(super) fn open(&self, sealed: &[u8]) -> Option<MailContent> {
        let opened = self.ports.keyring.open(sealed).ok()?;
        let [subject, text, html]: [String; 3] = serde_json::from_slice(&opened).ok()?;
        Some(MailContent { subject, text, html })
    }
}
