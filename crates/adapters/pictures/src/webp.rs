//! Reads WebP. Of an animation it takes the first frame.
//!
//! The decoder trusts the size in each bitstream, so all of them are checked first.

use std::io::Cursor;

use image_webp::{DecodingError, WebPDecoder};
use vestibule_ports::PictureError;

use crate::{
    decoded::{Decoded, image, pixel_type},
    exif::Orientation,
    limits::{self, MAX_BYTES, MAX_MEMORY},
};

mod lossless;

/// Reads a whole file. Sets the alpha flag in its header if it has no alpha.
pub(crate) fn read(encoded: &mut [u8]) -> Result<Decoded, PictureError> {
    let encoded = whole(encoded)?;
    let mut outline = Outline::default();
    outline.add_chunks(encoded.get(12..).ok_or(PictureError::Broken)?)?;
    limits::check_memory(outline.memory())?;
    // Without the flag the decoder would decode with alpha and copy the pixels without it.
    let transparent = !outline.is_opaque_lossless() || !claim_alpha(encoded);

    let mut decoder = WebPDecoder::new(Cursor::new(&*encoded)).map_err(refused)?;
    decoder.set_memory_limit(MAX_BYTES);
    let (width, height) = decoder.dimensions();
    limits::check_size(width, height)?;
    let length = decoder.output_buffer_size().ok_or(PictureError::TooLarge)?;
    let mut samples = vec![0; length];
    decoder.read_image(&mut samples).map_err(refused)?;
    let channels = match (decoder.has_alpha(), transparent) {
        (true, true) => 4,
        (true, false) => {
            drop_alpha(&mut samples);
            3
        }
        (false, _) => 3,
    };
    // Unreadable metadata are no reason to refuse the picture.
    let exif = decoder.exif_metadata().ok().flatten();
    Ok(Decoded {
        pixels: image((width, height), samples, pixel_type(channels).ok_or(PictureError::Broken)?)?,
        profile: decoder.icc_profile().ok().flatten(),
        orientation: Orientation::from_exif(exif.as_deref()),
    })
}

/// Sets the alpha flag in the header of a file, which does not affect the pixels; false if there is no such header.
fn claim_alpha(encoded: &mut [u8]) -> bool {
    let (at, flag) = match encoded.get(12..16) {
        Some(b"VP8X") => (20, 0b1_0000),
        Some(b"VP8L") => (24, 0b1_0000),
        _ => return false,
    };
    let byte = encoded.get_mut(at);
    byte.map(|byte| *byte |= flag).is_some()
}

/// Turns four channels into three, in place.
fn drop_alpha(samples: &mut Vec<u8>) {
    let pixels = samples.len() / 4;
    for pixel in 0..pixels {
        samples.copy_within(4 * pixel..4 * pixel + 3, 3 * pixel);
    }
    samples.truncate(3 * pixels);
}

#[expect(clippy::needless_pass_by_value, reason = "used in `map_err`")]
fn refused(error: DecodingError) -> PictureError {
    match error {
        DecodingError::UnsupportedFeature(_) => PictureError::Unsupported,
        DecodingError::MemoryLimitExceeded | DecodingError::ImageTooLarge => PictureError::TooLarge,
        _ => PictureError::Broken,
    }
}

/// The file up to its end; broken if the end is missing.
fn whole(encoded: &mut [u8]) -> Result<&mut [u8], PictureError> {
    let size = encoded.get(4..).and_then(<[u8]>::first_chunk).map(|size| u32::from_le_bytes(*size));
    let end = size.and_then(|size| usize::try_from(size).ok()?.checked_add(8)).ok_or(PictureError::Broken)?;
    // Some writers leave out the last byte, if it is only padding.
    if end > encoded.len() + 1 {
        return Err(PictureError::Broken);
    }
    let end = end.min(encoded.len());
    encoded.get_mut(..end).ok_or(PictureError::Broken)
}

/// The memory that decoding needs, from the headers.
#[derive(Default)]
struct Outline {
    /// For the largest of the canvas and the bitstreams.
    pixels: u64,
    /// The most additional bytes for a lossless bitstream.
    tables: u64,
    canvas: Option<(u32, u32)>,
    lossy: bool,
    alpha: bool,
    animated: bool,
}

impl Outline {
    /// Checks each chunk: each must be complete, and none may exceed the limits.
    fn add_chunks(&mut self, chunks: &[u8]) -> Result<(), PictureError> {
        // Of each kind the decoder reads the first.
        let (mut streams, mut alphas, mut frames) = (0, 0, 0);
        each_chunk(chunks, |kind, content| match kind {
            b"ANMF" => {
                self.animated = true;
                frames += 1;
                self.add_frame(content, frames == 1)
            }
            b"VP8X" => self.add_canvas(content),
            b"VP8L" => {
                streams += 1;
                self.add_lossless(content, streams == 1)
            }
            b"ALPH" => {
                alphas += 1;
                if alphas == 1 { self.add_alpha(content, None) } else { Ok(()) }
            }
            b"VP8 " => self.add_lossy(content),
            _ => Ok(()),
        })
    }

    /// A frame of an animation; frames do not nest.
    fn add_frame(&mut self, frame: &[u8], is_first: bool) -> Result<(), PictureError> {
        let Some(([_, _, _, _, _, _, w0, w1, w2, h0, h1, h2, ..], chunks)) = frame.split_first_chunk::<16>() else {
            return Err(PictureError::Broken);
        };
        let size = sides([*w0, *w1, *w2], [*h0, *h1, *h2]);
        let mut count = 0;
        each_chunk(chunks, |kind, content| {
            count += 1;
            let is_read = is_first && count <= 2;
            match kind {
                b"ANMF" | b"VP8X" => Err(PictureError::Broken),
                b"VP8L" => self.add_lossless(content, is_read),
                b"ALPH" if is_read => self.add_alpha(content, Some(size)),
                b"VP8 " => self.add_lossy(content),
                _ => Ok(()),
            }
        })
    }

    fn add_canvas(&mut self, content: &[u8]) -> Result<(), PictureError> {
        let [flags, _, _, _, w0, w1, w2, h0, h1, h2, ..] = content else { return Err(PictureError::Broken) };
        self.alpha |= flags & 0b1_0000 != 0;
        let size = sides([*w0, *w1, *w2], [*h0, *h1, *h2]);
        self.canvas.get_or_insert(size);
        self.add_size(size)
    }

    fn add_lossy(&mut self, content: &[u8]) -> Result<(), PictureError> {
        let [_, _, _, _, _, _, w0, w1, h0, h1, ..] = content else { return Err(PictureError::Broken) };
        self.lossy = true;
        let [width, height] = [[*w0, *w1], [*h0, *h1]].map(|side| u32::from(u16::from_le_bytes(side) & 0x3fff));
        self.add_size((width, height))
    }

    fn add_lossless(&mut self, content: &[u8], is_read: bool) -> Result<(), PictureError> {
        let [_, a, b, c, d, ..] = content else { return Err(PictureError::Broken) };
        let bits = u32::from_le_bytes([*a, *b, *c, *d]);
        self.alpha |= bits >> 28 & 1 != 0;
        self.add_size(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))?;
        if is_read {
            self.tables = self.tables.max(lossless::memory_of_stream(content, MAX_MEMORY)?);
        }
        Ok(())
    }

    /// For the alpha of a frame, the decoder uses the size of the canvas if the file claims not to be animated.
    fn add_alpha(&mut self, content: &[u8], frame: Option<(u32, u32)>) -> Result<(), PictureError> {
        for size in [frame, self.canvas].into_iter().flatten() {
            self.add_size(size)?;
            self.tables = self.tables.max(lossless::memory_of_alpha(content, size, MAX_MEMORY)?);
        }
        Ok(())
    }

    fn add_size(&mut self, (width, height): (u32, u32)) -> Result<(), PictureError> {
        self.pixels = self.pixels.max(limits::check_size(width, height)?);
        Ok(())
    }

    fn is_opaque_lossless(&self) -> bool {
        !(self.animated || self.lossy || self.alpha)
    }

    /// The most bytes that the decoder holds at once, result included.
    fn memory(&self) -> u64 {
        let half_bytes_per_pixel = match (self.animated, self.lossy, self.alpha) {
            // Planes of luma and chroma, a frame, the canvas and the result.
            (true, _, _) => 3 + 8 + 8 + 8,
            // Planes, the result, and alpha decoded from its own picture.
            (_, true, true) => 3 + 8 + 10,
            (_, true, false) => 3 + 6,
            (_, false, _) => 8,
        };
        self.pixels * half_bytes_per_pixel / 2 + self.tables
    }
}

fn each_chunk(
    mut rest: &[u8],
    mut add: impl FnMut(&[u8], &[u8]) -> Result<(), PictureError>,
) -> Result<(), PictureError> {
    while let Some((header, after)) = rest.split_first_chunk::<8>() {
        let [kind @ .., a, b, c, d] = header;
        let size = usize::try_from(u32::from_le_bytes([*a, *b, *c, *d])).map_err(|_| PictureError::Broken)?;
        add(kind, after.get(..size).ok_or(PictureError::Broken)?)?;
        rest = after.get(size + size % 2..).unwrap_or_default();
    }
    Ok(())
}

/// A width and a height, each stored as one less.
fn sides(width: [u8; 3], height: [u8; 3]) -> (u32, u32) {
    let side = |[a, b, c]: [u8; 3]| u32::from_le_bytes([a, b, c, 0]) + 1;
    (side(width), side(height))
}
