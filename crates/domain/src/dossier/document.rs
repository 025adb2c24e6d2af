//! Documents of a dossier: a path told by the client, or a document stored here; and which types may be stored.

use std::str::FromStr;

use time::OffsetDateTime;

use super::{Detail, Field, Kind, WrongKind};
use crate::{BlobId, account::to_microseconds};

/// A field that holds a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DocumentField(Field);

impl DocumentField {
    /// Takes a field that holds a document, and no other.
    pub fn new(field: Field) -> Result<Self, WrongKind> {
        if field.kind() == Kind::Document { Ok(Self(field)) } else { Err(WrongKind(field)) }
    }

    /// Every such field.
    pub fn all() -> impl Iterator<Item = Self> {
        Field::ALL.iter().filter_map(|field| Self::new(*field).ok())
    }

    /// The field.
    pub const fn field(self) -> Field {
        self.0
    }
}

/// What a stored document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaType {
    /// A PDF.
    Pdf,
    /// A PNG image.
    Png,
    /// A JPEG image.
    Jpeg,
}

/// Why a word is not a media type that can be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither PDF nor PNG nor JPEG")]
pub struct UnknownMediaType;

impl MediaType {
    /// How many bytes from the beginning are examined.
    pub const DETECTED_BY: usize = 1_024;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
    const JPEG: &[u8] = b"\xFF\xD8\xFF";
    const PDF: &[u8] = b"%PDF-";
    /// Signatures of other formats: archives, programs, images.
    const FOREIGN: &[&[u8]] = &[
        b"PK",
        b"7z\xBC\xAF",
        b"Rar!",
        b"\x1F\x8B",
        b"MZ",
        b"\x7FELF",
        b"\xCA\xFE\xBA\xBE",
        b"\0asm",
        b"#!",
        b"GIF8",
        b"RIFF",
        b"BM",
        b"II*\0",
        b"MM\0*",
        b"\xD0\xCF\x11\xE0",
        b"{\\rtf",
    ];

    /// Detects the type from the first [`MediaType::DETECTED_BY`] bytes of a content; none for every type that cannot be
    /// stored. What the client or a file name says is ignored.
    ///
    /// Scanners and phones put bytes before a PDF, so its signature may come later. It must not follow the signature of
    /// another format, nor a `<`: a browser or viewer might take such content for HTML or SVG.
    pub fn detect(content: &[u8]) -> Option<Self> {
        let head = &content[..content.len().min(Self::DETECTED_BY)];
        if head.starts_with(Self::PNG) {
            return Some(Self::Png);
        }
        if head.starts_with(Self::JPEG) {
            return Some(Self::Jpeg);
        }
        let at = head.windows(Self::PDF.len()).position(|window| window == Self::PDF)?;
        let preamble = &head[..at];
        let is_foreign = Self::FOREIGN.iter().any(|signature| preamble.starts_with(signature));
        if is_foreign || preamble.contains(&b'<') { None } else { Some(Self::Pdf) }
    }

    /// The stored word, which is also its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }
}

impl FromStr for MediaType {
    type Err = UnknownMediaType;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Pdf, Self::Png, Self::Jpeg].into_iter().find(|known| known.as_str() == text).ok_or(UnknownMediaType)
    }
}

/// A document that is stored here: everything but its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredDocument {
    /// Which of the account's blobs holds the content.
    pub blob: BlobId,
    /// Its type, detected from the content.
    pub media_type: MediaType,
    /// How many bytes the content has.
    pub size_bytes: u64,
    /// SHA-256 of the content.
    pub sha256: [u8; 32],
    /// When it was uploaded, in whole microseconds.
    pub uploaded_at: OffsetDateTime,
}

/// The value of a document field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    /// A path, as the client told it; never fetched.
    Path(Detail),
    /// Stored here.
    Stored(StoredDocument),
}

impl Document {
    pub(super) fn in_microseconds(self) -> Self {
        match self {
            Self::Stored(stored) => {
                Self::Stored(StoredDocument { uploaded_at: to_microseconds(stored.uploaded_at), ..stored })
            }
            path @ Self::Path(_) => path,
        }
    }
}
