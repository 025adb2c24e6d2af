//! The port, implemented by the gazetteer.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use vestibule_domain::place::{GeoPoint, PlaceName};
use vestibule_ports::geocoder::{FoundPlace, GeocodeError, Geocoder};

use crate::{DamagedData, gazetteer::Gazetteer};

/// The embedded data.
pub const DATA: &[u8] = include_bytes!("../data/places.bin");

/// Finds cities without any network.
#[derive(Debug, Clone, Default)]
pub struct OfflineGeocoder {
    gazetteer: Arc<OnceLock<Result<Gazetteer, DamagedData>>>,
}

impl OfflineGeocoder {
    /// Does not read the data yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether a look-up has read the data.
    pub fn is_loaded(&self) -> bool {
        self.gazetteer.get().is_some()
    }

    /// Reads the data once, on a blocking thread.
    async fn load(&self) -> Result<(), GeocodeError> {
        if self.is_loaded() {
            return Ok(());
        }
        let gazetteer = Arc::clone(&self.gazetteer);
        let load = move || {
            gazetteer.get_or_init(|| Gazetteer::read(DATA));
        };
        tokio::task::spawn_blocking(load).await.map_err(|error| GeocodeError::Unavailable(Box::new(error)))
    }
}

#[async_trait]
impl Geocoder for OfflineGeocoder {
    async fn locate(&self, name: &PlaceName) -> Result<Option<FoundPlace>, GeocodeError> {
        self.load().await?;
        let gazetteer = match self.gazetteer.get() {
            Some(Ok(gazetteer)) => gazetteer,
            Some(Err(DamagedData(what))) => return Err(failed(DamagedData(what))),
            None => return Err(failed(DamagedData("they are not loaded"))),
        };
        let Some(found) = gazetteer.locate(name.as_str()) else { return Ok(None) };
        let formatted = PlaceName::parse(&found.formatted).map_err(failed)?;
        let point = GeoPoint::new(found.latitude, found.longitude).map_err(failed)?;
        Ok(Some(FoundPlace { formatted, point }))
    }
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> GeocodeError {
    GeocodeError::Failed(Box::new(error))
}
