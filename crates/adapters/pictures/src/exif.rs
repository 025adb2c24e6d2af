//! The only field of EXIF that matters: which way up the camera was held.

/// The EXIF orientation, 1 to 8: where the first row and the first column of the stored pixels belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Orientation {
    #[default]
    Upright,
    Mirrored,
    UpsideDown,
    MirroredUpsideDown,
    Transposed,
    QuarterRight,
    Transversed,
    QuarterLeft,
}

impl Orientation {
    fn numbered(number: u16) -> Option<Self> {
        Some(match number {
            1 => Self::Upright,
            2 => Self::Mirrored,
            3 => Self::UpsideDown,
            4 => Self::MirroredUpsideDown,
            5 => Self::Transposed,
            6 => Self::QuarterRight,
            7 => Self::Transversed,
            8 => Self::QuarterLeft,
            _ => return None,
        })
    }

    /// Reads it from an EXIF block; upright if it is missing or makes no sense.
    pub(crate) fn from_exif(block: Option<&[u8]>) -> Self {
        block.and_then(find).unwrap_or_default()
    }
}

const ORIENTATION: u16 = 0x0112;
const SHORT: u16 = 3;
/// More entries than any camera writes.
const MAX_ENTRIES: u16 = 1_000;

/// Searches the first directory of the TIFF structure that EXIF is.
fn find(block: &[u8]) -> Option<Orientation> {
    // WebP files sometimes have the prefix of JPEG.
    let tiff = block.strip_prefix(b"Exif\0\0").unwrap_or(block);
    let little = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let bytes = tiff.get(at..)?.first_chunk()?;
        Some(if little { u16::from_le_bytes(*bytes) } else { u16::from_be_bytes(*bytes) })
    };
    let offset = tiff.get(4..)?.first_chunk()?;
    let offset = if little { u32::from_le_bytes(*offset) } else { u32::from_be_bytes(*offset) };
    let directory = usize::try_from(offset).ok()?;
    (0..short(directory)?.min(MAX_ENTRIES)).find_map(|index| {
        let entry = directory.checked_add(2 + 12 * usize::from(index))?;
        let is_it = short(entry)? == ORIENTATION && short(entry.checked_add(2)?)? == SHORT;
        if is_it { Orientation::numbered(short(entry.checked_add(8)?)?) } else { None }
    })
}
