//! What the tests make pictures with, and look at the results with.

use std::{borrow::Cow, io::Write};

use image_webp::{ColorType as WebPColour, WebPEncoder};
use vestibule_domain::picture::{PictureFormat, PictureSize};
use vestibule_pictures::render;
use vestibule_ports::{PictureError, RenderedPicture};
use zune_core::bytestream::ZCursor;

/// A file of `fixtures`.
macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("fixtures/", $name)).as_slice()
    };
}
pub(crate) use fixture;

/// Pixels of one to four channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pixels {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) channels: usize,
    pub(crate) samples: Vec<u8>,
}

pub(crate) const RED: [u8; 3] = [220, 30, 30];
pub(crate) const GREEN: [u8; 3] = [30, 200, 40];
pub(crate) const BLUE: [u8; 3] = [30, 40, 220];
pub(crate) const WHITE: [u8; 3] = [240, 240, 240];

impl Pixels {
    pub(crate) fn made(width: u32, height: u32, pixel: impl Fn(u32, u32) -> Vec<u8>) -> Self {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let samples: Vec<u8> = places.flat_map(|(x, y)| pixel(x, y)).collect();
        let channels = samples.len() / (width as usize * height as usize);
        Self { width, height, channels, samples }
    }

    /// Pixels that are all the same.
    pub(crate) fn plain(width: u32, height: u32, pixel: &[u8]) -> Self {
        Self { width, height, channels: pixel.len(), samples: pixel.repeat((width * height) as usize) }
    }

    /// Red and green above, blue and white below: no way to turn it looks the same. All fixtures show it.
    pub(crate) fn quadrants() -> Self {
        Self::made(48, 32, |x, y| [RED, GREEN, BLUE, WHITE][usize::from(x >= 24) + 2 * usize::from(y >= 16)].to_vec())
    }

    pub(crate) fn at(&self, x: u32, y: u32) -> &[u8] {
        let index = (y * self.width + x) as usize * self.channels;
        &self.samples[index..index + self.channels]
    }

    pub(crate) fn jpeg(&self) -> Vec<u8> {
        self.jpeg_with(|_| {})
    }

    pub(crate) fn jpeg_with(&self, change: impl FnOnce(&mut jpeg_encoder::Encoder<&mut Vec<u8>>)) -> Vec<u8> {
        let colour = match self.channels {
            1 => jpeg_encoder::ColorType::Luma,
            3 => jpeg_encoder::ColorType::Rgb,
            _ => panic!("no JPEG of {} channels", self.channels),
        };
        let mut bytes = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 95);
        change(&mut encoder);
        encoder.encode(&self.samples, self.width as u16, self.height as u16, colour).unwrap();
        bytes
    }

    pub(crate) fn png(&self) -> Vec<u8> {
        self.png_with(&Metadata::default())
    }

    pub(crate) fn png_with(&self, metadata: &Metadata) -> Vec<u8> {
        let mut info = png::Info::with_size(self.width, self.height);
        info.color_type =
            [png::ColorType::Grayscale, png::ColorType::GrayscaleAlpha, png::ColorType::Rgb, png::ColorType::Rgba]
                [self.channels - 1];
        info.bit_depth = png::BitDepth::Eight;
        info.icc_profile = metadata.profile.clone().map(Cow::Owned);
        info.exif_metadata = metadata.exif.clone().map(Cow::Owned);
        encoded_png(info, &self.samples)
    }

    pub(crate) fn webp_with(&self, metadata: &Metadata) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = WebPEncoder::new(&mut bytes);
        if let Some(profile) = &metadata.profile {
            encoder.set_icc_profile(profile.clone());
        }
        if let Some(exif) = &metadata.exif {
            encoder.set_exif_metadata(exif.clone());
        }
        let colour = [WebPColour::L8, WebPColour::La8, WebPColour::Rgb8, WebPColour::Rgba8][self.channels - 1];
        encoder.encode(&self.samples, self.width, self.height, colour).unwrap();
        bytes
    }

    /// Whether the four corners are those of `quadrants`, seen through a lossy format.
    pub(crate) fn assert_quadrants(&self, what: &str) {
        assert_eq!((self.width, self.height), (48, 32), "{what}");
        for (x, y, colour) in [(12, 8, RED), (36, 8, GREEN), (12, 24, BLUE), (36, 24, WHITE)] {
            assert_near(&self.at(x, y)[..3], &colour, 8, what);
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Metadata {
    pub(crate) profile: Option<Vec<u8>>,
    pub(crate) exif: Option<Vec<u8>>,
}

pub(crate) fn encoded_png(info: png::Info<'_>, samples: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = png::Encoder::with_info(&mut bytes, info).unwrap().write_header().unwrap();
    writer.write_image_data(samples).unwrap();
    writer.finish().unwrap();
    bytes
}

/// A chunk of PNG, with its checksum.
pub(crate) fn png_chunk(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    let mut chunk = (content.len() as u32).to_be_bytes().to_vec();
    chunk.extend(kind);
    chunk.extend(content);
    let checksum = chunk[4..].iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    });
    chunk.extend((!checksum).to_be_bytes());
    chunk
}

/// The signature and the header of a PNG.
pub(crate) fn png_head(width: u32, height: u32, depth: u8, colour: u8) -> Vec<u8> {
    let mut head = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([depth, colour, 0, 0, 0]);
    head.extend(png_chunk(*b"IHDR", &header));
    head
}

/// So many zeros, compressed by zlib.
pub(crate) fn deflated_zeros(count: usize) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![0; 1_024 * 1_024];
    let mut left = count;
    while left > 0 {
        let piece = left.min(zeros.len());
        encoder.write_all(&zeros[..piece]).unwrap();
        left -= piece;
    }
    encoder.finish().unwrap()
}

/// A segment of JPEG.
pub(crate) fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u16 + 2).to_be_bytes();
    [&[0xff, marker], length.as_slice(), content].concat()
}

/// Puts segments behind the first two bytes of a JPEG.
pub(crate) fn with_segments(jpeg: &[u8], segments: &[Vec<u8>]) -> Vec<u8> {
    [&jpeg[..2], &segments.concat(), &jpeg[2..]].concat()
}

pub(crate) fn detail(encoded: &[u8]) -> Result<RenderedPicture, PictureError> {
    Ok(render(encoded.to_vec(), &[PictureSize::Detail])?.remove(0))
}

/// What a file looks like, rendered.
pub(crate) fn shown(encoded: &[u8], what: &str) -> Pixels {
    let rendered = detail(encoded).unwrap_or_else(|error| panic!("{what}: {error}"));
    seen(&rendered)
}

/// What a rendered picture looks like, to another reader of such files.
pub(crate) fn seen(picture: &RenderedPicture) -> Pixels {
    match picture.format {
        PictureFormat::Jpeg => {
            let mut decoder = zune_jpeg::JpegDecoder::new(ZCursor::new(&picture.bytes));
            let samples = decoder.decode().unwrap();
            let (width, height) = decoder.dimensions().unwrap();
            Pixels { width: width as u32, height: height as u32, channels: 3, samples }
        }
        PictureFormat::Png => {
            let mut reader = png::Decoder::new(std::io::Cursor::new(&picture.bytes)).read_info().unwrap();
            let mut samples = vec![0; reader.output_buffer_size().unwrap()];
            let frame = reader.next_frame(&mut samples).unwrap();
            Pixels { width: frame.width, height: frame.height, channels: frame.color_type.samples(), samples }
        }
    }
}

#[track_caller]
pub(crate) fn assert_near(is: &[u8], expected: &[u8], tolerance: u8, what: &str) {
    let near = is.len() == expected.len() && is.iter().zip(expected).all(|(a, b)| a.abs_diff(*b) <= tolerance);
    assert!(near, "{what}: {is:?}, not {expected:?}");
}

/// The words of the errors that the port tells apart.
pub(crate) fn refusal(encoded: &[u8]) -> &'static str {
    match detail(encoded) {
        Ok(_) => "none",
        Err(PictureError::TooLarge) => "too large",
        Err(PictureError::Unsupported) => "unsupported",
        Err(PictureError::Broken) => "broken",
        Err(PictureError::Overloaded) => "overloaded",
        Err(PictureError::Failed(error)) => panic!("{error}"),
    }
}

/// An EXIF block with an orientation, in either order of bytes.
pub(crate) fn exif(orientation: u16, little: bool) -> Vec<u8> {
    let short = |value: u16| if little { value.to_le_bytes() } else { value.to_be_bytes() };
    let long = |value: u32| if little { value.to_le_bytes() } else { value.to_be_bytes() };
    let mut block = if little { b"II" } else { b"MM" }.to_vec();
    block.extend(short(42));
    block.extend(long(8));
    block.extend(short(2));
    // The make of the camera, a text of four bytes in place.
    block.extend([short(0x010f), short(2)].concat());
    block.extend(long(4));
    block.extend(b"ABC\0");
    block.extend([short(0x0112), short(3)].concat());
    block.extend(long(1));
    block.extend([short(orientation), short(0)].concat());
    block.extend(long(0));
    block
}
