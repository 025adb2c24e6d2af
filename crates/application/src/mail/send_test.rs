//! A test mail, asked for on the command line.

use vestibule_domain::{EmailAddress, MailId, mail::Mail};

use crate::{Application, Fault, Operator};

impl Application {
    /// Makes a test mail, to be handed to a mail server at once.
    pub fn compose_test_mail(&self, _operator: Operator, to: EmailAddress) -> Result<Mail, Fault> {
        Ok(Mail { id: MailId::new(self.now(), self.random()), to, content: self.write_test()? })
    }

    /// Puts a test mail where mail goes.
    pub async fn post_test_mail(&self, _operator: Operator, to: EmailAddress) -> Result<(), Fault> {
        let now = self.now();
        let mail = self.new_mail(to, &self.write_test()?, now, now + self.policy.outbox.max_age);
        let mut unit = self.begin().await?;
        self.post(&mut unit, mail).await?;
        unit.commit().await?;
        Ok(())
    }
}
