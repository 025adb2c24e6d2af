//! A unit of work that wakes the delivery of mail when it has written some, and discards the blobs that it released.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use tokio::sync::Notify;
use vestibule_domain::BlobName;
use vestibule_ports::{StoreError, UnitOfWork};

use crate::documents::Discarded;

/// A transaction; dropped without [`Unit::commit`] it leaves nothing behind.
pub(crate) struct Unit {
    work: Box<dyn UnitOfWork>,
    mail_written: Arc<Notify>,
    has_mail: bool,
    discarded: Discarded,
    released: Vec<BlobName>,
}

impl Unit {
    pub(crate) fn new(work: Box<dyn UnitOfWork>, mail_written: &Arc<Notify>, discarded: &Discarded) -> Self {
        Self {
            work,
            mail_written: Arc::clone(mail_written),
            has_mail: false,
            discarded: discarded.clone(),
            released: Vec::new(),
        }
    }

    /// Lets the commit wake the delivery of mail.
    pub(crate) fn expect_mail(&mut self) {
        self.has_mail = true;
    }

    /// Lets the commit discard the blobs that a change has released: those of before without those of after.
    pub(crate) fn release(
        &mut self,
        before: impl IntoIterator<Item = BlobName>,
        after: impl IntoIterator<Item = BlobName>,
    ) {
        let kept: Vec<_> = after.into_iter().collect();
        self.released.extend(before.into_iter().filter(|blob| !kept.contains(blob)));
    }

    /// Makes everything durable at once.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        self.work.commit().await?;
        if self.has_mail {
            self.mail_written.notify_one();
        }
        self.discarded.push(self.released);
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
