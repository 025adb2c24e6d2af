//! From an encoded picture to encoded pictures, on the calling thread.

use std::{
    cmp::Reverse,
    panic::{AssertUnwindSafe, catch_unwind},
};

use vestibule_domain::picture::PictureSize;
use vestibule_ports::{PictureError, RenderedPicture};

use crate::{
    colour, decoded::Decoded, encode::encode, formats::Format, jpeg, limits::MAX_BYTES, png, scale, turn, webp,
};

/// Renders a picture in each of the sizes, in their order, on the calling thread.
pub fn render(mut encoded: Vec<u8>, sizes: &[PictureSize]) -> Result<Vec<RenderedPicture>, PictureError> {
    let format = check(&encoded)?;
    // A decoder's panic is about this picture only, not the next one.
    let decoded = catch_unwind(AssertUnwindSafe(|| match format {
        Format::Jpeg => jpeg::read(&encoded),
        Format::Png => png::read(&encoded),
        Format::WebP => webp::read(&mut encoded),
    }))
    .unwrap_or_else(|_| {
        tracing::warn!(?format, "decoding a picture panicked; it is refused");
        Err(PictureError::Broken)
    })?;
    drop(encoded);
    develop(decoded, sizes)
}

/// The checks that need no decoding.
pub(crate) fn check(encoded: &[u8]) -> Result<Format, PictureError> {
    if encoded.len() > MAX_BYTES {
        return Err(PictureError::TooLarge);
    }
    Format::of(encoded).ok_or(PictureError::Unsupported)
}

/// Makes each size from the next larger one, so that the whole picture is freed after the first step.
fn develop(decoded: Decoded, sizes: &[PictureSize]) -> Result<Vec<RenderedPicture>, PictureError> {
    let Decoded { mut pixels, profile, orientation } = decoded;
    let mut larger_first = sizes.to_vec();
    larger_first.sort_unstable_by_key(|size| Reverse(size.longest_side()));
    larger_first.dedup();
    let mut rendered = Vec::with_capacity(larger_first.len());
    for (step, size) in larger_first.into_iter().enumerate() {
        pixels = scale::within(pixels, size.longest_side())?;
        if step == 0 {
            // After scaling, far fewer pixels have to be converted and turned.
            pixels = colour::to_srgb(pixels, profile.as_deref())?;
            pixels = turn::upright(pixels, orientation)?;
        }
        let (format, bytes) = encode(&pixels)?;
        rendered.push(RenderedPicture { size, format, bytes });
    }
    Ok(sizes.iter().filter_map(|size| rendered.iter().find(|picture| picture.size == *size).cloned()).collect())
}
