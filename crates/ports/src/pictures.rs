//! Re-encoding of pictures that clients send.

use std::error::Error;

use async_trait::async_trait;
use vestibule_domain::picture::{PictureFormat, PictureSize};

/// Why a picture was not rendered.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// More bytes, pixels or memory than the limits allow.
    #[error("the picture is too large")]
    TooLarge,
    /// Not JPEG, PNG or WebP, or an unsupported variant of one.
    #[error("not a JPEG, PNG or WebP picture that can be read")]
    Unsupported,
    /// The data are damaged or truncated.
    #[error("the picture is damaged or cut off")]
    Broken,
    /// The queue is full, or the wait was too long: try again later.
    #[error("the rendering of pictures is overloaded")]
    Overloaded,
    /// Rendering failed for a reason other than the picture.
    #[error("a picture cannot be rendered")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

/// A picture as it is stored: upright, in sRGB, without metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedPicture {
    /// The size that was asked for.
    pub size: PictureSize,
    /// JPEG, or PNG where there is transparency.
    pub format: PictureFormat,
    /// The encoded picture.
    pub bytes: Vec<u8>,
}

/// Decodes and re-encodes pictures, off the async threads, few at a time, behind a bounded queue.
#[async_trait]
pub trait PictureRenderer: Send + Sync {
    /// Renders an encoded picture in each of the sizes, in their order; the format is detected from the content alone.
    /// Pictures over the limits on bytes, sides and pixels are refused before decoding.
    async fn render(&self, encoded: Vec<u8>, sizes: &[PictureSize]) -> Result<Vec<RenderedPicture>, PictureError>;
}
