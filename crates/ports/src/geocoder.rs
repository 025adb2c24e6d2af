//! Finding the points that place names stand for.

use std::error::Error;

use async_trait::async_trait;
pub use vestibule_domain::place::FoundPlace;
use vestibule_domain::place::PlaceName;

/// Why a place could not be looked up.
#[derive(Debug, thiserror::Error)]
pub enum GeocodeError {
    /// The source of places does not answer, or asks to wait: a retry may help.
    #[error("the source of places is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The source of places refuses, or gives an unreadable answer.
    #[error("the source of places failed")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

/// Finds places by what people call them.
#[async_trait]
pub trait Geocoder: Send + Sync {
    /// The place most likely meant, such as the largest with this name; none if none is known.
    async fn locate(&self, name: &PlaceName) -> Result<Option<FoundPlace>, GeocodeError>;
}
