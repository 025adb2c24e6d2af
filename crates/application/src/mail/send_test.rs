//! A test mail, asked for on the command line.

use vestibule_domain::{EmailAddress, MailId, mail::Mail};

use crate::{Fault, Identity, Operator};

impl Identity {
    /// Makes a test mail, to be handed to a mail server at once.
    pub fn compose_test_mail(&self, _operator: Operator, to: EmailAddress) -> Result<Mail, Fault> {
        Ok(Mail { id: MailId::new(self.core.now(), self.core.random()), to, content: self.core.write_test()? })
    }

    /// Puts a test mail where mail goes.
    pub async fn post_test_mail(&self, _operator: Operator, to: EmailAddress) -> Result<(), Fault> {
        let now = self.core.now();
        let mail = self.core.new_mail(to, &self.core.write_test()?, now, now + self.core.policy.outbox.max_age);
        let mut unit = self.core.begin().await?;
        self.core.post(&mut unit, mail).await?;
        unit.commit().await?;
        Ok(())
    }
}
