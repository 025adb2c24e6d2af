//! Converts colours to sRGB, in which a picture without a profile is shown.

use std::panic::{AssertUnwindSafe, catch_unwind};

use fast_image_resize::{PixelType, images::Image};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};
use vestibule_ports::PictureError;

use crate::decoded::image;

/// The largest profile that is read: those of displays and cameras have a few kilobytes.
const MAX_PROFILE: usize = 1_024 * 1_024;

/// Converts to sRGB. A profile that is broken, or meant for another kind of pixels, is ignored.
pub(crate) fn to_srgb(pixels: Image<'static>, profile: Option<&[u8]>) -> Result<Image<'static>, PictureError> {
    let Some(profile) = profile.filter(|profile| profile.len() <= MAX_PROFILE) else { return Ok(pixels) };
    // Profiles are untrusted input too.
    match catch_unwind(AssertUnwindSafe(|| converted(&pixels, profile))) {
        Ok(Some((samples, pixel_type))) => image((pixels.width(), pixels.height()), samples, pixel_type),
        Ok(None) => Ok(pixels),
        Err(_) => {
            tracing::warn!("reading a colour profile panicked; it is ignored");
            Ok(pixels)
        }
    }
}

fn converted(pixels: &Image<'_>, profile: &[u8]) -> Option<(Vec<u8>, PixelType)> {
    use DataColorSpace::{Gray, Rgb};

    let profile = ColorProfile::new_from_slice(profile).ok()?;
    let (from, to, pixel_type) = match (pixels.pixel_type(), profile.color_space) {
        (PixelType::U8, Gray) => (Layout::Gray, Layout::Rgb, PixelType::U8x3),
        (PixelType::U8x2, Gray) => (Layout::GrayAlpha, Layout::Rgba, PixelType::U8x4),
        (PixelType::U8x3, Rgb) => (Layout::Rgb, Layout::Rgb, PixelType::U8x3),
        (PixelType::U8x4, Rgb) => (Layout::Rgba, Layout::Rgba, PixelType::U8x4),
        _ => return None,
    };
    let transform =
        profile.create_transform_8bit(from, &ColorProfile::new_srgb(), to, TransformOptions::default()).ok()?;
    let count = pixels.buffer().len() / pixels.pixel_type().size();
    let mut samples = vec![0; count * pixel_type.size()];
    transform.transform(pixels.buffer(), &mut samples).ok()?;
    Some((samples, pixel_type))
}
