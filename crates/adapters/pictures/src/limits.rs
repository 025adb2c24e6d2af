//! Limits on pictures, all checked before any pixel is decoded.

use vestibule_ports::PictureError;

/// The most encoded bytes.
pub(crate) const MAX_BYTES: usize = 5 * 1_024 * 1_024;
/// The most pixels of a side.
const MAX_SIDE: u32 = 8_000;
/// The most pixels.
const MAX_PIXELS: u64 = 25_000_000;
/// The most memory that decoding needs, its result included.
pub(crate) const MAX_MEMORY: u64 = 128 * 1_024 * 1_024;

/// Checks a width and a height from a header, and counts the pixels.
pub(crate) fn check_size(width: u32, height: u32) -> Result<u64, PictureError> {
    let pixels = u64::from(width) * u64::from(height);
    match pixels {
        0 => Err(PictureError::Broken),
        _ if width > MAX_SIDE || height > MAX_SIDE || pixels > MAX_PIXELS => Err(PictureError::TooLarge),
        _ => Ok(pixels),
    }
}

/// Checks how many bytes of memory decoding will need.
pub(crate) fn check_memory(bytes: u64) -> Result<(), PictureError> {
    if bytes > MAX_MEMORY { Err(PictureError::TooLarge) } else { Ok(()) }
}
