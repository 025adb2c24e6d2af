//! Reads PNG. Of an animation it takes the picture that viewers without animation show.

use std::io::Cursor;

use png::{ColorType, Decoder, DecodingError, Limits, Transformations};
use vestibule_ports::PictureError;

use crate::{
    decoded::{Decoded, image, pixel_type},
    exif::Orientation,
    limits,
};

/// What the decoder may allocate for rows and for the profile.
const LIMITS: Limits = Limits { bytes: 8 * 1_024 * 1_024 };

/// Reads a whole file, up to its last chunk.
pub(crate) fn read(encoded: &[u8]) -> Result<Decoded, PictureError> {
    let mut decoder = Decoder::new_with_limits(Cursor::new(encoded), LIMITS);
    decoder.set_transformations(Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    let header = decoder.read_header_info().map_err(refused)?;
    let size = header.size();
    limits::check_size(size.0, size.1)?;
    let mut reader = decoder.read_info().map_err(refused)?;
    let length = reader.output_buffer_size().ok_or(PictureError::TooLarge)?;
    limits::check_memory(length as u64)?;
    let mut samples = vec![0; length];
    let frame = reader.next_frame(&mut samples).map_err(refused)?;
    // A first frame of an animation must be as large as the picture.
    if (frame.width, frame.height) != size || frame.color_type == ColorType::Indexed {
        return Err(PictureError::Broken);
    }
    // Without the last chunk the file was truncated; metadata may come late.
    reader.finish().map_err(refused)?;
    let info = reader.info();
    Ok(Decoded {
        pixels: image(size, samples, pixel_type(frame.color_type.samples()).ok_or(PictureError::Broken)?)?,
        profile: info.icc_profile.as_ref().map(|profile| profile.to_vec()),
        orientation: Orientation::from_exif(info.exif_metadata.as_deref()),
    })
}

#[expect(clippy::needless_pass_by_value, reason = "used in `map_err`")]
fn refused(error: DecodingError) -> PictureError {
    match error {
        DecodingError::LimitsExceeded => PictureError::TooLarge,
        _ => PictureError::Broken,
    }
}
