//! The review of dossiers: owners submit, reviewers decide.
//!
//! The domain says which step leads where. Here a step is taken on a dossier whose row is locked, so that a reviewer's
//! verdict and an owner's edit at the same moment follow each other. Owners edit through the context of accounts.

mod accept;
mod hold;
mod next;
mod queue;
mod reject;
mod release;
mod reopen;
mod set_verdicts;
mod submit;
mod withdraw;

use std::sync::Arc;

pub use queue::ListQueue;
pub use reject::RejectDossier;
pub use set_verdicts::SetVerdicts;
use time::OffsetDateTime;
use vestibule_domain::{AccountId, Dossier, EventKind, dossier::ReviewError};
use vestibule_ports::StoreError;

use crate::{
    Caller, Core,
    events::Cause,
    fault::{Fault, faults_into},
    rights::{may_read_dossiers, may_review},
    unit::Unit,
};

/// Every use case of reviews as a method; cheap to share, never cloned. It has no ports of its own.
pub struct Dossiers {
    core: Arc<Core>,
}

/// Why a dossier was not read, or did not take a step.
#[derive(Debug, thiserror::Error)]
pub enum DossierError {
    /// The caller has not the right.
    #[error("the caller has not the right")]
    Forbidden,
    /// The account has no dossier.
    #[error("there is no such dossier")]
    NotFound,
    /// The dossier does not take this step, or not of this reviewer.
    #[error(transparent)]
    Review(#[from] ReviewError),
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(DossierError: StoreError);

impl Dossiers {
    /// Builds the facade.
    pub fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// What it shares with the other contexts.
    pub fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// The time, and the end of a hold that begins now.
    fn lease(&self) -> (OffsetDateTime, OffsetDateTime) {
        let now = self.core.now();
        (now, now + self.core.policy.dossier.hold)
    }

    /// Lets a dossier take a step; the dossier as it then is.
    async fn change(
        &self,
        id: AccountId,
        step: impl FnOnce(&mut Dossier) -> Result<(), ReviewError>,
    ) -> Result<Dossier, DossierError> {
        let mut unit = self.core.begin().await?;
        let dossier = changed(&mut unit, id, step).await?;
        unit.commit().await?;
        Ok(dossier)
    }

    /// The same for a decision, which is recorded.
    async fn decide(
        &self,
        (reviewer, now): (&Caller, OffsetDateTime),
        id: AccountId,
        step: impl FnOnce(&mut Dossier) -> Result<(), ReviewError>,
    ) -> Result<Dossier, DossierError> {
        let mut unit = self.core.begin().await?;
        let dossier = changed(&mut unit, id, step).await?;
        self.core.record(&mut unit, Cause::from(reviewer).of(EventKind::DossierDecision, Some(id)), now).await?;
        unit.commit().await?;
        Ok(dossier)
    }
}

async fn changed(
    unit: &mut Unit,
    id: AccountId,
    step: impl FnOnce(&mut Dossier) -> Result<(), ReviewError>,
) -> Result<Dossier, DossierError> {
    let mut dossier = unit.dossiers().find(id).await?.ok_or(DossierError::NotFound)?;
    step(&mut dossier)?;
    unit.dossiers().replace(&dossier).await?;
    Ok(dossier)
}

fn check_reads(caller: &Caller) -> Result<(), DossierError> {
    if may_read_dossiers(caller.account()) { Ok(()) } else { Err(DossierError::Forbidden) }
}

/// The id of a caller who may review.
fn reviewer(caller: &Caller) -> Result<AccountId, DossierError> {
    if may_review(caller.account()) { Ok(caller.id()) } else { Err(DossierError::Forbidden) }
}
