//! Makes pictures smaller, never larger.

use fast_image_resize::{
    MulDiv, PixelTrait, PixelType, ResizeOptions, Resizer,
    images::Image,
    pixels::{InnerPixel, U8, U8x2, U8x3, U8x4},
};
use vestibule_ports::PictureError;

use crate::decoded::{failed, is_opaque};

/// Scales a picture so that its longer side is at most this many pixels; a smaller one stays as it is.
pub(crate) fn within(mut pixels: Image<'static>, longest: u32) -> Result<Image<'static>, PictureError> {
    let (width, height) = (pixels.width(), pixels.height());
    if width.max(height) <= longest {
        return Ok(pixels);
    }
    let (new_width, new_height) = if width >= height {
        (longest, shorter(height, longest, width))
    } else {
        (shorter(width, longest, height), longest)
    };
    let mut scaled = Image::new(new_width, new_height, pixels.pixel_type());
    // By pixel type, because the library's generic method would compile thirteen types into this crate.
    match pixels.pixel_type() {
        PixelType::U8 => resize::<U8>(&pixels, &mut scaled)?,
        PixelType::U8x2 => resize_with_alpha::<U8x2>(&mut pixels, &mut scaled)?,
        PixelType::U8x3 => resize::<U8x3>(&pixels, &mut scaled)?,
        _ => resize_with_alpha::<U8x4>(&mut pixels, &mut scaled)?,
    }
    Ok(scaled)
}

fn resize<P: PixelTrait + InnerPixel>(pixels: &Image<'_>, scaled: &mut Image<'_>) -> Result<(), PictureError> {
    let (Some(source), Some(mut target)) = (pixels.typed_image::<P>(), scaled.typed_image_mut::<P>()) else {
        return Err(wrong_type());
    };
    Resizer::new().resize_typed(&source, &mut target, &ResizeOptions::new().use_alpha(false)).map_err(failed)
}

/// A transparent pixel has a colour too, which must not bleed into its neighbours. In place, because the library's own way
/// would copy the whole picture.
fn resize_with_alpha<P: PixelTrait + InnerPixel>(
    pixels: &mut Image<'_>,
    scaled: &mut Image<'_>,
) -> Result<(), PictureError> {
    if is_opaque(pixels) {
        return resize::<P>(pixels, scaled);
    }
    let alpha = MulDiv::new();
    let mut whole = pixels.typed_image_mut::<P>().ok_or_else(wrong_type)?;
    alpha.multiply_alpha_inplace_typed(&mut whole).map_err(failed)?;
    resize::<P>(pixels, scaled)?;
    let mut whole = scaled.typed_image_mut::<P>().ok_or_else(wrong_type)?;
    alpha.divide_alpha_inplace_typed(&mut whole).map_err(failed)
}

fn wrong_type() -> PictureError {
    PictureError::Failed("pixels of another type".into())
}

/// The shorter side, rounded, at the scale that makes the longer one fit.
fn shorter(side: u32, longest: u32, longer: u32) -> u32 {
    let (side, longest, longer) = (u64::from(side), u64::from(longest), u64::from(longer));
    // Never more than `longest`, for `side` is at most `longer`.
    u32::try_from((side * longest * 2 + longer) / (longer * 2)).unwrap_or(u32::MAX).max(1)
}
