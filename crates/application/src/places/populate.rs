//! Looking up the locations of profiles.

use std::time::Duration;

use time::OffsetDateTime;
use vestibule_domain::{
    PlaceId,
    place::{Place, PlaceName},
};

use super::{PlaceError, Places, check_may};
use crate::{Caller, fault::chain};

/// How many locations are looked up in one call, and how many places are given.
const MOST: u32 = 1_000;
/// For how long locations are looked up in one call.
const PATIENCE: Duration = Duration::from_secs(6);
/// After how long a location that was not found is looked up again.
const FORGOTTEN: time::Duration = time::Duration::days(30);

/// What is known of the locations of profiles.
#[derive(Debug, Clone, PartialEq)]
pub struct Populated {
    /// The places of the locations that are known, by name; at most 1000.
    pub places: Vec<Place>,
    /// Whether some locations were not looked up for lack of time: another call goes on.
    pub has_more: bool,
}

impl Places {
    /// Looks up the locations of profiles that are missing, for 6 s at most; what was found or written before stays. May be
    /// called again, and then goes on.
    pub async fn populate(&self, caller: &Caller) -> Result<Populated, PlaceError> {
        check_may(caller)?;
        let (now, end) = (self.core.now(), self.core.monotonic() + PATIENCE);
        let missing = self.core.read().places().missing(now - FORGOTTEN, MOST).await?;
        let mut has_more = missing.len() >= MOST as usize;
        for name in missing {
            if self.core.monotonic() >= end {
                has_more = true;
                break;
            }
            self.look_up(name, now).await?;
        }
        let places = self.core.read().places().located(None, MOST).await?;
        Ok(Populated { places, has_more })
    }

    async fn look_up(&self, name: PlaceName, now: OffsetDateTime) -> Result<(), PlaceError> {
        let found = self.ports.geocoder.locate(&name).await.inspect_err(|error| {
            tracing::warn!(error = chain(error), "a place could not be looked up");
        })?;
        let place = Place::new(PlaceId::new(now, self.core.random()), name, found, now);
        let mut unit = self.core.begin().await?;
        unit.places().keep(&place).await?;
        unit.commit().await?;
        Ok(())
    }
}
