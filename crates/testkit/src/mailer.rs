//! A mailer that keeps its mail.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use vestibule_domain::mail::Mail;
use vestibule_ports::{Mailer, MailerError};

/// Accepts and keeps every mail, except to addresses that it was told to refuse.
#[derive(Debug, Default)]
pub struct RecordingMailer {
    taken: Mutex<Vec<Mail>>,
    refusals: Mutex<Vec<(String, MailerError)>>,
}

impl RecordingMailer {
    /// From now on refuses mail to an address.
    pub fn refuse(&self, address: &str, error: MailerError) {
        lock(&self.refusals).push((address.to_owned(), error));
    }

    /// From now on accepts all mail.
    pub fn take_all(&self) {
        lock(&self.refusals).clear();
    }

    /// The accepted mail, in order.
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
