//! Turns pictures upright.

use fast_image_resize::images::Image;
use vestibule_ports::PictureError;

use crate::{
    decoded::{failed, image},
    exif::Orientation,
};

/// Applies an orientation to the pixels.
pub(crate) fn upright(pixels: Image<'static>, orientation: Orientation) -> Result<Image<'static>, PictureError> {
    use Orientation::{QuarterLeft, QuarterRight, Transposed, Transversed, Upright};

    let (width, height) = (pixels.width(), pixels.height());
    let size = match orientation {
        Upright => return Ok(pixels),
        Transposed | QuarterRight | Transversed | QuarterLeft => (height, width),
        _ => (width, height),
    };
    let pixel_type = pixels.pixel_type();
    let turned = match pixel_type.size() {
        1 => turn::<1>(&pixels, size, orientation),
        2 => turn::<2>(&pixels, size, orientation),
        3 => turn::<3>(&pixels, size, orientation),
        _ => turn::<4>(&pixels, size, orientation),
    }
    .map_err(failed)?;
    image(size, turned, pixel_type)
}

fn turn<const CHANNELS: usize>(
    pixels: &Image<'_>,
    size: (u32, u32),
    orientation: Orientation,
) -> Result<Vec<u8>, std::num::TryFromIntError> {
    let (source, _) = pixels.buffer().as_chunks::<CHANNELS>();
    let (width, height) = (usize::try_from(pixels.width())?, usize::try_from(pixels.height())?);
    let (columns, rows) = (usize::try_from(size.0)?, usize::try_from(size.1)?);
    let (right, bottom) = (width - 1, height - 1);
    let mut turned = Vec::with_capacity(pixels.buffer().len());
    for y in 0..rows {
        for x in 0..columns {
            let (from_x, from_y) = match orientation {
                Orientation::Upright => (x, y),
                Orientation::Mirrored => (right - x, y),
                Orientation::UpsideDown => (right - x, bottom - y),
                Orientation::MirroredUpsideDown => (x, bottom - y),
                Orientation::Transposed => (y, x),
                Orientation::QuarterRight => (y, bottom - x),
                Orientation::Transversed => (right - y, bottom - x),
                Orientation::QuarterLeft => (right - y, x),
            };
            turned.extend_from_slice(&source[from_y * width + from_x]);
        }
    }
    Ok(turned)
}
