//! Looking at what was submitted.

use vestibule_domain::Dossier;
use vestibule_ports::{Page, QueueFilter, QueuePage};

use super::{DossierError, Dossiers, check_reads};
use crate::Caller;

/// Which dossiers to list.
#[derive(Debug, Clone, Copy)]
pub struct ListQueue {
    /// Which of them.
    pub filter: QueueFilter,
    /// Which part.
    pub page: QueuePage,
}

impl Dossiers {
    /// A page of submitted dossiers, the oldest submission first, for a caller who may read them.
    pub async fn list_queue(&self, caller: &Caller, input: ListQueue) -> Result<Page<Dossier>, DossierError> {
        check_reads(caller)?;
        Ok(self.core.read().dossiers().queue(input.filter, input.page).await?)
    }
}
