//! The structure of a JPEG file, from its markers.

use vestibule_ports::PictureError;

use crate::limits;

/// The most segments of a file: for each new one of some kinds the decoder goes through all earlier ones.
const MAX_SEGMENTS: usize = 2_000;

/// The frame header, and what the scans say about decoding.
#[derive(Debug)]
pub(super) struct Outline {
    pub(super) width: u32,
    pub(super) height: u32,
    progressive: bool,
    /// The horizontal and the vertical sampling of each component: 1, 2 or 4.
    sampling: Vec<(u32, u32)>,
    pub(super) scans: usize,
    /// Whether each scan has all components.
    whole_scans: bool,
}

impl Outline {
    /// Walks all markers. A file without an end marker was truncated.
    pub(super) fn of(encoded: &[u8]) -> Result<Self, PictureError> {
        let mut walk = Walk { rest: encoded.get(2..).unwrap_or_default(), segments: 0 };
        let (mut outline, mut restarts) = (None::<Self>, false);
        loop {
            let in_scan = outline.as_ref().is_some_and(|outline| outline.scans > 0);
            match (walk.marker()?, &mut outline) {
                // Stuffed bytes and restarts are part of a scan.
                (0x00 | 0x01 | 0xd0..=0xd7, _) if in_scan => {}
                (0xd9, _) => return outline.filter(|_| in_scan).ok_or(PictureError::Broken)?.readable(restarts),
                (0xc4 | 0xcc, _) => _ = walk.segment()?,
                (0xdd, _) => restarts |= walk.segment()? != [0, 0],
                (marker @ 0xc0..=0xc2, None) => {
                    outline = Some(Self::from_frame(walk.segment()?, marker == 0xc2)?);
                }
                (0xda, Some(outline)) => {
                    let components = *walk.segment()?.first().ok_or(PictureError::Broken)?;
                    outline.whole_scans &= usize::from(components) == outline.sampling.len();
                    outline.scans += 1;
                }
                // A second frame, a scan before the frame, and markers that belong into scans only.
                (0xc0..=0xc2 | 0xda | 0x00 | 0x01 | 0xd0..=0xd8, _) => return Err(PictureError::Broken),
                // Lossless, hierarchical, or with arithmetic coding.
                (0xc3..=0xcf, _) => return Err(PictureError::Unsupported),
                _ => _ = walk.segment()?,
            }
        }
    }

    fn from_frame(frame: &[u8], progressive: bool) -> Result<Self, PictureError> {
        let [precision, h1, h0, w1, w0, count, components @ ..] = frame else { return Err(PictureError::Broken) };
        let [width, height] = [[*w1, *w0], [*h1, *h0]].map(|side| u32::from(u16::from_be_bytes(side)));
        // With a height of 0 it would come after the first scan.
        if *precision != 8 || height == 0 {
            return Err(PictureError::Unsupported);
        }
        limits::check_size(width, height)?;
        if !matches!(count, 1 | 3 | 4) {
            return Err(PictureError::Unsupported);
        }
        let (components, rest) = components.as_chunks::<3>();
        if components.len() != usize::from(*count) || !rest.is_empty() {
            return Err(PictureError::Broken);
        }
        let sampling: Vec<_> =
            components.iter().map(|component| (u32::from(component[1] >> 4), u32::from(component[1] & 0xf))).collect();
        // A sampling of 3 is allowed, but read by few decoders and written by none.
        if sampling
            .iter()
            .any(|(horizontal, vertical)| ![horizontal, vertical].iter().all(|side| matches!(side, 1 | 2 | 4)))
        {
            return Err(PictureError::Unsupported);
        }
        Ok(Self { width, height, progressive, sampling, scans: 0, whole_scans: true })
    }

    /// Up to version 0.5.15, the decoder silently misplaces samples if the components of a baseline picture come in
    /// separate scans, unless all have one size and there are no restarts. Such files are rare.
    fn readable(self, restarts: bool) -> Result<Self, PictureError> {
        let sampled = self.sampling.iter().any(|sampling| *sampling != (1, 1));
        if self.progressive || self.whole_scans || !sampled && !restarts {
            Ok(self)
        } else {
            Err(PictureError::Unsupported)
        }
    }

    pub(super) fn is_grey(&self) -> bool {
        self.sampling.len() == 1
    }

    /// The bytes that decoding needs for this many output channels.
    pub(super) fn memory(&self, channels: u64) -> u64 {
        let output = u64::from(self.width) * u64::from(self.height) * channels;
        if !self.progressive && self.whole_scans {
            return output;
        }
        // The coefficients of all blocks, two bytes each, are kept until the last scan.
        let widest = self.sampling.iter().map(|(horizontal, _)| *horizontal).max().unwrap_or(1);
        let highest = self.sampling.iter().map(|(_, vertical)| *vertical).max().unwrap_or(1);
        let units = u64::from(self.width.div_ceil(8 * widest)) * u64::from(self.height.div_ceil(8 * highest));
        let blocks: u64 = self.sampling.iter().map(|(horizontal, vertical)| u64::from(horizontal * vertical)).sum();
        output + units * blocks * 64 * 2
    }
}

/// The unread rest.
struct Walk<'a> {
    rest: &'a [u8],
    /// How many bytes have been read.
    segments: usize,
}

impl<'a> Walk<'a> {
    /// The next byte after a run of 0xff, whatever comes before.
    fn marker(&mut self) -> Result<u8, PictureError> {
        let start = self.rest.iter().position(|byte| *byte == 0xff).ok_or(PictureError::Broken)?;
        let fill = self.rest[start..].iter().position(|byte| *byte != 0xff).ok_or(PictureError::Broken)?;
        let (before, after) = self.rest.split_at(start + fill + 1);
        self.rest = after;
        before.last().copied().ok_or(PictureError::Broken)
    }

    /// The content of the segment that begins here.
    fn segment(&mut self) -> Result<&'a [u8], PictureError> {
        self.segments += 1;
        if self.segments > MAX_SEGMENTS {
            return Err(PictureError::TooLarge);
        }
        let (length, _) = self.rest.split_first_chunk().ok_or(PictureError::Broken)?;
        let (segment, after) =
            self.rest.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or(PictureError::Broken)?;
        self.rest = after;
        segment.get(2..).ok_or(PictureError::Broken)
    }
}
