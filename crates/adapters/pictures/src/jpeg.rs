//! Reads JPEG: baseline and progressive, grey, colour, and the inverted CMYK of Adobe.
//!
//! The decoder paints missing data grey and allocates whatever the headers ask for. So the markers are walked first: they
//! tell the size, the memory needed, and whether the file is complete.

use vestibule_ports::PictureError;
use zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};
use zune_jpeg::{JpegDecoder, errors::DecodeErrors};

use crate::{
    decoded::{Decoded, image, pixel_type},
    exif::Orientation,
    jpeg::outline::Outline,
    limits,
};

mod outline;

/// The most scans: each covers the whole picture, however few bytes it has. Ten are usual.
const MAX_SCANS: usize = 50;

/// Reads a file up to the end of its first picture.
pub(crate) fn read(encoded: &[u8]) -> Result<Decoded, PictureError> {
    let outline = Outline::of(encoded)?;
    let channels = if outline.is_grey() { 1 } else { 3 };
    limits::check_memory(outline.memory(channels as u64))?;
    if outline.scans > MAX_SCANS {
        return Err(PictureError::TooLarge);
    }

    // Odd headers do not harm pixels; a strict decoder still refuses invalid pixels.
    let options = DecoderOptions::default()
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX)
        .jpeg_set_max_scans(MAX_SCANS)
        .jpeg_set_out_colorspace(if outline.is_grey() { ColorSpace::Luma } else { ColorSpace::RGB });
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(encoded), options.set_strict_mode(false));
    decoder.decode_headers().map_err(refused)?;
    let size = (outline.width, outline.height);
    let seen = decoder.info().map(|info| (u32::from(info.width), u32::from(info.height)));
    if seen != Some(size) {
        return Err(PictureError::Broken);
    }
    decoder.set_options(options.set_strict_mode(true));
    let length = decoder.output_buffer_size().ok_or(PictureError::TooLarge)?;
    let mut samples = vec![0; length];
    decoder.decode_into(&mut samples).map_err(refused)?;
    Ok(Decoded {
        pixels: image(size, samples, pixel_type(channels).ok_or(PictureError::Broken)?)?,
        profile: decoder.icc_profile(),
        orientation: Orientation::from_exif(decoder.exif().map(Vec::as_slice)),
    })
}

#[expect(clippy::needless_pass_by_value, reason = "used in `map_err`")]
fn refused(error: DecodeErrors) -> PictureError {
    match error {
        DecodeErrors::Unsupported(_) => PictureError::Unsupported,
        _ => PictureError::Broken,
    }
}
