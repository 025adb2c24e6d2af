//! Handing the mail of the outbox to the mailer.

use futures_util::future::join_all;
use time::OffsetDateTime;
use vestibule_domain::mail::{Mail, OutboxMail};
use vestibule_ports::MailerError;

use crate::{Application, Fault};

/// How many mails are handed over side by side.
const BATCH: u32 = 16;

/// What became of a batch.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Delivered {
    /// Taken by the mail server.
    pub sent: u64,
    /// To be tried again.
    pub postponed: u64,
    /// Given up.
    pub dead: u64,
}

impl Delivered {
    /// How many mails were due; if it was a full batch, more may be.
    pub const fn total(&self) -> u64 {
        self.sent + self.postponed + self.dead
    }

    /// Whether more mail may be due at once.
    pub const fn is_full_batch(&self) -> bool {
        self.total() >= BATCH as u64
    }
}

enum Outcome {
    Sent,
    Postponed,
    Dead,
}

impl Application {
    /// Waits until a use case of this process has written a mail.
    pub async fn mail_written(&self) {
        self.mail_written.notified().await;
    }

    /// Leases a batch of due mail, hands it over side by side so that no address delays the others, and notes the
    /// outcomes. A mail is delivered at least once; its id is its `Message-ID`.
    pub async fn deliver_due_mail(&self) -> Result<Delivered, Fault> {
        let now = self.now();
        let mut unit = self.ports.store.write().await?;
        let mails = unit.outbox().lease(now, now + self.policy.outbox.lease, BATCH).await?;
        unit.commit().await?;
        let mut delivered = Delivered::default();
        for outcome in join_all(mails.into_iter().map(|mail| self.deliver(mail))).await {
            match outcome? {
                Outcome::Sent => delivered.sent += 1,
                Outcome::Postponed => delivered.postponed += 1,
                Outcome::Dead => delivered.dead += 1,
            }
        }
        Ok(delivered)
    }

    async fn deliver(&self, waiting: OutboxMail) -> Result<Outcome, Fault> {
        let result = match self.open(&waiting.sealed_content) {
            Some(content) => {
                let mail = Mail { id: waiting.id, to: waiting.to.clone(), content };
                self.ports.mailer.send(&mail).await
            }
            // A node with the right secret may be able to send it, so it is left in place until it expires.
            None => Err(MailerError::Transient("the content was sealed under another secret".to_owned())),
        };
        self.note_outcome(&waiting, result, self.now()).await
    }

    async fn note_outcome(
        &self,
        mail: &OutboxMail,
        result: Result<(), MailerError>,
        now: OffsetDateTime,
    ) -> Result<Outcome, Fault> {
        let mut unit = self.ports.store.write().await?;
        let outbox = unit.outbox();
        let (held, outcome) = match result {
            Ok(()) => (outbox.settle(mail.id, mail.attempts).await?, Outcome::Sent),
            Err(error) => {
                let reason = error.to_string();
                let retry_at = matches!(error, MailerError::Transient(_)).then(|| mail.retry_at(now)).flatten();
                tracing::warn!(mail = %mail.id.hex(), attempts = mail.attempts, %reason, retried = retry_at.is_some(), "mail was not taken");
                match retry_at {
                    Some(at) => (outbox.retry(mail.id, mail.attempts, at, &reason).await?, Outcome::Postponed),
                    None => (outbox.bury(mail.id, mail.attempts, now, &reason).await?, Outcome::Dead),
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
