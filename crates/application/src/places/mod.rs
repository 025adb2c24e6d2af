//! Places: what the locations of profiles stand for on the earth.

mod edit;
mod populate;

use std::sync::Arc;

pub use edit::EditPlace;
pub use populate::Populated;
use vestibule_ports::{GeocodeError, Geocoder, StoreError};

use crate::{
    Caller, Core, Principal,
    fault::{Fault, faults_into},
    rights::may_change_places,
};

/// The adapters that only this context works with.
#[derive(Clone)]
pub struct PlacesPorts {
    /// Finds places.
    pub geocoder: Arc<dyn Geocoder>,
}

/// Every use case of places as a method; cheap to share, never cloned.
pub struct Places {
    core: Arc<Core>,
    ports: PlacesPorts,
}

/// Why places were not filled or changed.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The caller has not the right.
    #[error("the caller has not the right")]
    Forbidden,
    /// There is no such place.
    #[error("there is no such place")]
    NotFound,
    /// Another place has the name.
    #[error("another place has the name")]
    NameTaken,
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(PlaceError: StoreError, GeocodeError);

impl Places {
    /// Builds the facade.
    pub fn new(core: Arc<Core>, ports: PlacesPorts) -> Self {
        Self { core, ports }
    }

    /// The account of a request, if it may fill and change places.
    pub fn staff(&self, principal: Principal) -> Result<Caller, PlaceError> {
        let caller = principal.caller().ok_or(PlaceError::Forbidden)?;
        check_may(&caller)?;
        Ok(caller)
    }
}

fn check_may(caller: &Caller) -> Result<(), PlaceError> {
    if may_change_places(caller.account()) { Ok(()) } else { Err(PlaceError::Forbidden) }
}
