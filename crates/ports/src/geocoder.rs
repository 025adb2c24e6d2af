//! Finding the points that names of places stand for.

use std::error::Error;

use async_trait::async_trait;
pub use vestibule_domain::place::FoundPlace;
use vestibule_domain::place::PlaceName;

/// Why a place was not looked up.
#[derive(Debug, thiserror::Error)]
pub enum GeocodeError {
    /// The source of places does not answer, or asks to wait: trying again may help.
    #[error("the source of places is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The source of places refuses, or answers what cannot be read.
    #[error("the source of places failed")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

/// Finds places by what people call them.
#[async_trait]
pub trait Geocoder: Send + Sync {
    /// The place that is most likely meant, such as the largest of its name; none if none is known.
    async fn locate(&self, name: &PlaceName) -> Result<Option<FoundPlace>, GeocodeError>;
}
