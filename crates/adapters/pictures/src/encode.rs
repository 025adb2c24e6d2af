//! Encodes pictures for storage: pixels alone, without any metadata.

use fast_image_resize::{PixelType, images::Image};
use jpeg_encoder::{ColorType, Encoder};
use vestibule_domain::picture::PictureFormat;
use vestibule_ports::PictureError;

use crate::decoded::{failed, is_opaque};

/// The JPEG quality, from 1 to 100: no visible loss, at a tenth of the size of 100.
const QUALITY: u8 = 85;

/// JPEG, or PNG if any pixel is transparent.
pub(crate) fn encode(pixels: &Image<'_>) -> Result<(PictureFormat, Vec<u8>), PictureError> {
    if is_opaque(pixels) {
        Ok((PictureFormat::Jpeg, jpeg(pixels)?))
    } else {
        Ok((PictureFormat::Png, png(pixels).map_err(failed)?))
    }
}

fn jpeg(pixels: &Image<'_>) -> Result<Vec<u8>, PictureError> {
    let grey: Vec<u8>;
    let (samples, colour) = match pixels.pixel_type() {
        PixelType::U8 => (pixels.buffer(), ColorType::Luma),
        PixelType::U8x2 => {
            grey = pixels.buffer().as_chunks::<2>().0.iter().map(|pixel| pixel[0]).collect();
            (grey.as_slice(), ColorType::Luma)
        }
        PixelType::U8x3 => (pixels.buffer(), ColorType::Rgb),
        _ => (pixels.buffer(), ColorType::Rgba),
    };
    let width = u16::try_from(pixels.width()).map_err(failed)?;
    let height = u16::try_from(pixels.height()).map_err(failed)?;
    let mut bytes = Vec::new();
    Encoder::new(&mut bytes, QUALITY).encode(samples, width, height, colour).map_err(failed)?;
    Ok(bytes)
}

fn png(pixels: &Image<'_>) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixels.width(), pixels.height());
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_color(match pixels.pixel_type() {
        PixelType::U8x2 => png::ColorType::GrayscaleAlpha,
        _ => png::ColorType::Rgba,
    });
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels.buffer())?;
    writer.finish()?;
    Ok(bytes)
}
