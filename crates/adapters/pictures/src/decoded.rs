//! A picture between its decoder and its encoders.

use std::error::Error;

use fast_image_resize::{PixelType, images::Image};
use vestibule_ports::PictureError;

use crate::exif::Orientation;

/// Pixels of 8 bits a channel, one to four channels, and the pending conversions.
pub(crate) struct Decoded {
    pub(crate) pixels: Image<'static>,
    /// The ICC profile of the values; sRGB without one.
    pub(crate) profile: Option<Vec<u8>>,
    pub(crate) orientation: Orientation,
}

/// Wraps a decoder's output; its length must be right.
pub(crate) fn image(
    (width, height): (u32, u32),
    samples: Vec<u8>,
    pixel_type: PixelType,
) -> Result<Image<'static>, PictureError> {
    Image::from_vec_u8(width, height, samples, pixel_type).map_err(failed)
}

/// Grey, or red, green and blue; each with transparency or without.
pub(crate) fn pixel_type(channels: usize) -> Option<PixelType> {
    match channels {
        1 => Some(PixelType::U8),
        2 => Some(PixelType::U8x2),
        3 => Some(PixelType::U8x3),
        4 => Some(PixelType::U8x4),
        _ => None,
    }
}

/// Whether no pixel is transparent at all.
pub(crate) fn is_opaque(image: &Image<'_>) -> bool {
    match image.pixel_type() {
        PixelType::U8x2 => image.buffer().as_chunks::<2>().0.iter().all(|pixel| pixel[1] == u8::MAX),
        PixelType::U8x4 => image.buffer().as_chunks::<4>().0.iter().all(|pixel| pixel[3] == u8::MAX),
        _ => true,
    }
}

/// For failures that are not the picture's fault.
pub(crate) fn failed(error: impl Error + Send + Sync + 'static) -> PictureError {
    PictureError::Failed(Box::new(error))
}
