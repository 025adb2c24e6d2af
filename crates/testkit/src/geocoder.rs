//! A scripted geocoder.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use vestibule_domain::place::{FoundPlace, GeoPoint, PlaceName};
use vestibule_ports::{GeocodeError, Geocoder};

/// Knows the places that it was given, and records the look-ups.
#[derive(Debug, Default)]
pub struct ScriptedGeocoder(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    known: HashMap<String, FoundPlace>,
    asked: Vec<String>,
    is_down: bool,
}

impl ScriptedGeocoder {
    /// Adds a place; an invalid name or point is ignored.
    pub fn knows(&self, name: &str, latitude: f64, longitude: f64) {
        let formatted = PlaceName::parse(&format!("{name}, Earth"));
        if let (Ok(formatted), Ok(point)) = (formatted, GeoPoint::new(latitude, longitude)) {
            self.state().known.insert(name.to_owned(), FoundPlace { formatted, point });
        }
    }

    /// Makes it unavailable.
    pub fn set_down(&self, is_down: bool) {
        self.state().is_down = is_down;
    }

    /// The look-ups so far, in order.
    pub fn asked(&self) -> Vec<String> {
        self.state().asked.clone()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Geocoder for ScriptedGeocoder {
    async fn locate(&self, name: &PlaceName) -> Result<Option<FoundPlace>, GeocodeError> {
        let mut state = self.state();
        state.asked.push(name.as_str().to_owned());
        if state.is_down {
            return Err(GeocodeError::Unavailable("it is down".into()));
        }
        Ok(state.known.get(name.as_str()).cloned())
    }
}
