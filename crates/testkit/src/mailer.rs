//! A mailer that keeps what it is given.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use vestibule_domain::mail::Mail;
use vestibule_ports::{Mailer, MailerError};

/// Takes every mail and keeps it, unless it was told how to refuse the mails to an address.
#[derive(Debug, Default)]
pub struct RecordingMailer {
    taken: Mutex<Vec<Mail>>,
    refusals: Mutex<Vec<(String, MailerError)>>,
}

impl RecordingMailer {
    /// From now on refuses what goes to an address.
    pub fn refuse(&self, address: &str, error: MailerError) {
        lock(&self.refusals).push((address.to_owned(), error));
    }

    /// From now on takes everything.
    pub fn take_all(&self) {
        lock(&self.refusals).clear();
    }

    /// What was taken so far, in order.
    pub fn taken(&self) -> Vec<Mail> {
        lock(&self.taken).clone()
    }
}

#[async_trait]
impl Mailer for RecordingMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailerError> {
        let refusal = lock(&self.refusals).iter().find(|(address, _)| address == mail.to.as_str()).cloned();
        if let Some((_, error)) = refusal {
            return Err(error);
        }
        lock(&self.taken).push(mail.clone());
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
