//! Reads WebP. Of an animation the first frame is taken.
//!
//! The decoder believes what each bitstream says of its own size, so all of them are looked at first.

use std::io::Cursor;

use image_webp::{DecodingError, WebPDecoder};
use vestibule_ports::PictureError;

use crate::{
    decoded::{Decoded, image, pixel_type},
    exif::Orientation,
    limits::{self, MAX_BYTES},
};

/// The most bytes of a lossless bitstream. Each twelve of them can make the decoder build a table of 4 KiB, however few pixels
/// there are.
const MAX_LOSSLESS: usize = 1_024 * 1_024;

/// Reads a whole file.
pub(crate) fn read(encoded: &[u8]) -> Result<Decoded, PictureError> {
    let encoded = whole(encoded)?;
    let mut outline = Outline::default();
    outline.add_chunks(encoded.get(12..).ok_or(PictureError::Broken)?)?;
    limits::check_memory(outline.memory())?;

    let mut decoder = WebPDecoder::new(Cursor::new(encoded)).map_err(refused)?;
    decoder.set_memory_limit(MAX_BYTES);
    let (width, height) = decoder.dimensions();
    limits::check_size(width, height)?;
    let length = decoder.output_buffer_size().ok_or(PictureError::TooLarge)?;
    let mut samples = vec![0; length];
    decoder.read_image(&mut samples).map_err(refused)?;
    let channels = if decoder.has_alpha() { 4 } else { 3 };
    // Metadata that cannot be read is no reason to refuse the picture.
    let exif = decoder.exif_metadata().ok().flatten();
    Ok(Decoded {
        pixels: image((width, height), samples, pixel_type(channels).ok_or(PictureError::Broken)?)?,
        profile: decoder.icc_profile().ok().flatten(),
        orientation: Orientation::from_exif(exif.as_deref()),
    })
}

#[expect(clippy::needless_pass_by_value, reason = "used in `map_err`")]
fn refused(error: DecodingError) -> PictureError {
    match error {
        DecodingError::UnsupportedFeature(_) => PictureError::Unsupported,
        DecodingError::MemoryLimitExceeded | DecodingError::ImageTooLarge => PictureError::TooLarge,
        _ => PictureError::Broken,
    }
}

/// The file without what comes after its end; broken if its end is missing.
fn whole(encoded: &[u8]) -> Result<&[u8], PictureError> {
    let size = encoded.get(4..).and_then(<[u8]>::first_chunk).map(|size| u32::from_le_bytes(*size));
    let end = size.and_then(|size| usize::try_from(size).ok()?.checked_add(8)).ok_or(PictureError::Broken)?;
    // Some writers leave out the last byte, if it is only padding.
    if end > encoded.len() + 1 {
        return Err(PictureError::Broken);
    }
    Ok(encoded.get(..end).unwrap_or(encoded))
}

/// What the headers say of the memory that decoding takes.
#[derive(Default)]
struct Outline {
    /// Of the largest of the canvas and the bitstreams.
    pixels: u64,
    lossy: bool,
    alpha: bool,
    animated: bool,
}

impl Outline {
    /// Looks at each chunk; every one must be there whole, and none may be larger than the limits.
    fn add_chunks(&mut self, mut rest: &[u8]) -> Result<(), PictureError> {
        while let Some((header, after)) = rest.split_first_chunk::<8>() {
            let [kind @ .., a, b, c, d] = header;
            let size = usize::try_from(u32::from_le_bytes([*a, *b, *c, *d])).map_err(|_| PictureError::Broken)?;
            let content = after.get(..size).ok_or(PictureError::Broken)?;
            self.add_chunk(kind, content)?;
            rest = after.get(size + size % 2..).unwrap_or_default();
        }
        Ok(())
    }

    fn add_chunk(&mut self, kind: &[u8], content: &[u8]) -> Result<(), PictureError> {
        match (kind, content) {
            (b"VP8L" | b"ALPH", content) if content.len() > MAX_LOSSLESS => Err(PictureError::TooLarge),
            (b"VP8X", [flags, _, _, _, w0, w1, w2, h0, h1, h2, ..]) => {
                self.alpha |= flags & 0b1_0000 != 0;
                let [width, height] = [[*w0, *w1, *w2, 0], [*h0, *h1, *h2, 0]].map(|side| u32::from_le_bytes(side) + 1);
                self.add_size(width, height)
            }
            (b"VP8 ", [_, _, _, _, _, _, w0, w1, h0, h1, ..]) => {
                self.lossy = true;
                let [width, height] = [[*w0, *w1], [*h0, *h1]].map(|side| u32::from(u16::from_le_bytes(side) & 0x3fff));
                self.add_size(width, height)
            }
            (b"VP8L", [_, a, b, c, d, ..]) => {
                let bits = u32::from_le_bytes([*a, *b, *c, *d]);
                self.alpha |= bits >> 28 & 1 != 0;
                self.add_size((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1)
            }
            (b"VP8X" | b"VP8 " | b"VP8L", _) => Err(PictureError::Broken),
            (b"ANMF", content) => {
                self.animated = true;
                self.add_chunks(content.get(16..).ok_or(PictureError::Broken)?)
            }
            _ => Ok(()),
        }
    }

    fn add_size(&mut self, width: u32, height: u32) -> Result<(), PictureError> {
        self.pixels = self.pixels.max(limits::check_size(width, height)?);
        Ok(())
    }

    /// The most bytes that the decoder holds at once, result included.
    fn memory(&self) -> u64 {
        let half_bytes_per_pixel = match (self.animated, self.lossy, self.alpha) {
            // Planes of luma and chroma, a frame, the canvas and the result.
            (true, _, _) => 3 + 8 + 8 + 8,
            // Planes, the result, and alpha unpacked from a picture of its own.
            (_, true, true) => 3 + 8 + 10,
            (_, true, false) => 3 + 6,
            (_, false, true) => 8,
            // With alpha at first.
            (_, false, false) => 8 + 6,
        };
        self.pixels * half_bytes_per_pixel / 2
    }
}
