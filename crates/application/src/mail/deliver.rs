//! Handing the mail of the outbox to the mailer.

use time::OffsetDateTime;
use vestibule_domain::mail::{Mail, OutboxMail};
use vestibule_ports::MailerError;

use crate::{Fault, Identity};

/// A mail that is ours to hand over until its lease ends.
#[derive(Debug)]
pub struct LeasedMail(OutboxMail);

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Taken by the mail server.
    Sent,
    /// To be tried again.
    Postponed,
    /// Given up.
    Dead,
}

impl Identity {
    /// Waits until a use case of this process has written a mail.
    pub async fn mail_written(&self) {
        self.core.mail_written.notified().await;
    }

    /// Leases due mail, at most so many, each to be handed over by [`Identity::deliver`].
    pub async fn lease_due_mail(&self, at_most: u32) -> Result<Vec<LeasedMail>, Fault> {
        let now = self.core.now();
        let mut unit = self.core.begin().await?;
        let mails = unit.outbox().lease(now, now + self.core.policy.outbox.lease, at_most).await?;
        unit.commit().await?;
        Ok(mails.into_iter().map(LeasedMail).collect())
    }

    /// Hands a mail over and notes what became of it. A mail is delivered at least once; its id is its `Message-ID`.
    pub async fn deliver(&self, LeasedMail(waiting): LeasedMail) -> Result<Delivery, Fault> {
        let result = match self.core.open(&waiting.sealed_content) {
            Some(content) => {
                let mail = Mail { id: waiting.id, to: waiting.to.clone(), content };
                self.ports.mailer.send(&mail).await
            }
            // A node with the right secret may be able to send it, so it is left in place until it expires.
            None => Err(MailerError::Transient("the content was sealed under another secret".to_owned())),
        };
        self.note_outcome(&waiting, result, self.core.now()).await
    }

    async fn note_outcome(
        &self,
        mail: &OutboxMail,
        result: Result<(), MailerError>,
        now: OffsetDateTime,
    ) -> Result<Delivery, Fault> {
        let mut unit = self.core.begin().await?;
        let outbox = unit.outbox();
        let (held, outcome) = match result {
            Ok(()) => (outbox.settle(mail.id, mail.attempts).await?, Delivery::Sent),
            Err(error) => {
                let reason = error.to_string();
                let retry_at = matches!(error, MailerError::Transient(_)).then(|| mail.retry_at(now)).flatten();
                tracing::warn!(mail = %mail.id.hex(), attempts = mail.attempts, %reason, retried = retry_at.is_some(), "mail was not taken");
                match retry_at {
                    Some(at) => (outbox.retry(mail.id, mail.attempts, at, &reason).await?, Delivery::Postponed),
                    None => (outbox.bury(mail.id, mail.attempts, now, &reason).await?, Delivery::Dead),
                }
            }
        };
        unit.commit().await?;
        if !held {
            tracing::warn!(mail = %mail.id.hex(), "the lease of a mail ended before its outcome was noted");
        }
        Ok(outcome)
    }
}
