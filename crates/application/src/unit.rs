//! A unit of work that wakes the delivery of mail when it has written some.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use tokio::sync::Notify;
use vestibule_ports::{StoreError, UnitOfWork};

/// A transaction; dropped without [`Unit::commit`] it leaves nothing behind.
pub(crate) struct Unit {
    work: Box<dyn UnitOfWork>,
    mail_written: Arc<Notify>,
    has_mail: bool,
}

impl Unit {
    pub(crate) fn new(work: Box<dyn UnitOfWork>, mail_written: &Arc<Notify>) -> Self {
        Self { work, mail_written: Arc::clone(mail_written), has_mail: false }
    }

    /// Lets the commit wake the delivery of mail.
    pub(crate) fn expect_mail(&mut self) {
        self.has_mail = true;
    }

    /// Makes everything durable at once.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        self.work.commit().await?;
        if self.has_mail {
            self.mail_written.notify_one();
        }
        Ok(())
    }
}

impl Deref for Unit {
    type Target = dyn UnitOfWork;

    fn deref(&self) -> &Self::Target {
        &*self.work
    }
}

impl DerefMut for Unit {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut *self.work
    }
}
