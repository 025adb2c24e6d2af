//! A geocoder with a script.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use vestibule_domain::place::{FoundPlace, GeoPoint, PlaceName};
use vestibule_ports::{GeocodeError, Geocoder};

/// Knows the places that it was told, and counts what it is asked.
#[derive(Debug, Default)]
pub struct ScriptedGeocoder(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    known: HashMap<String, FoundPlace>,
    asked: Vec<String>,
    is_down: bool,
}

impl ScriptedGeocoder {
    /// Tells it a place; what is no name or no point is not known.
    pub fn knows(&self, name: &str, latitude: f64, longitude: f64) {
        let formatted = PlaceName::parse(&format!("{name}, Earth"));
        if let (Ok(formatted), Ok(point)) = (formatted, GeoPoint::new(latitude, longitude)) {
            self.state().known.insert(name.to_owned(), FoundPlace { formatted, point });
        }
    }

    /// Lets it answer nothing.
    pub fn set_down(&self, is_down: bool) {
        self.state().is_down = is_down;
    }

    /// What it was asked for so far, in order.
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
