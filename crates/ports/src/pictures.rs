//! Making pictures anew from what clients send.

use std::error::Error;

use async_trait::async_trait;
use vestibule_domain::picture::{PictureFormat, PictureSize};

/// Why a picture was not rendered.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// More bytes, pixels or memory than the limits allow.
    #[error("the picture is too large")]
    TooLarge,
    /// Neither JPEG nor PNG nor WebP, or a kind of these that cannot be read.
    #[error("not a JPEG, PNG or WebP picture that can be read")]
    Unsupported,
    /// It is damaged or does not come to its end.
    #[error("the picture is damaged or cut off")]
    Broken,
    /// The queue is full, or the wait was too long: try again later.
    #[error("the rendering of pictures is overloaded")]
    Overloaded,
    /// Rendering failed for a reason that is not the picture's.
    #[error("a picture cannot be rendered")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

/// A picture as it is kept: upright, in sRGB, without metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedPicture {
    /// The size that was asked for.
    pub size: PictureSize,
    /// JPEG, or PNG where there is transparency.
    pub format: PictureFormat,
    /// The encoded picture.
    pub bytes: Vec<u8>,
}

/// Decodes pictures and encodes them anew, off the async threads, few at a time, behind a bounded queue.
#[async_trait]
pub trait PictureRenderer: Send + Sync {
    /// Renders an encoded picture in each of the sizes, in their order; its content alone tells its format. What is over the
    /// limits on bytes, sides and pixels is refused before it is decoded.
    async fn render(&self, encoded: Vec<u8>, sizes: &[PictureSize]) -> Result<Vec<RenderedPicture>, PictureError>;
}
