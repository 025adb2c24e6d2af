//! Renderers that render nothing.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use vestibule_domain::picture::{PictureFormat, PictureSize};
use vestibule_ports::{PictureError, PictureRenderer, RenderedPicture};

const JPEG: &[u8] = b"\xFF\xD8\xFF";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Returns its input with the size before it, such as `Thumb:…`; refuses input that begins with `bad`, and everything while
/// it simulates overload.
#[derive(Debug, Default)]
pub struct EchoRenderer {
    overloaded: AtomicBool,
}

impl EchoRenderer {
    /// Sets whether its queue is full.
    pub fn set_overloaded(&self, overloaded: bool) {
        self.overloaded.store(overloaded, Ordering::SeqCst);
    }
}

#[async_trait]
impl PictureRenderer for EchoRenderer {
    async fn render(&self, encoded: Vec<u8>, sizes: &[PictureSize]) -> Result<Vec<RenderedPicture>, PictureError> {
        if self.overloaded.load(Ordering::SeqCst) {
            return Err(PictureError::Overloaded);
        }
        if encoded.starts_with(b"bad") {
            return Err(PictureError::Broken);
        }
        let rendered = |size: &PictureSize| RenderedPicture {
            size: *size,
            format: PictureFormat::Jpeg,
            bytes: [format!("{size:?}:").as_bytes(), &encoded].concat(),
        };
        Ok(sizes.iter().map(rendered).collect())
    }
}

/// Accepts anything that begins like a picture. Input that continues with `cut` is broken, with `huge` too large.
#[derive(Debug, Default)]
pub struct InstantRenderer {
    is_overloaded: AtomicBool,
}

impl InstantRenderer {
    /// Refuses every picture from now on, or accepts them again.
    pub fn overload(&self, is_overloaded: bool) {
        self.is_overloaded.store(is_overloaded, Ordering::SeqCst);
    }

    /// A JPEG for this renderer, containing a text.
    pub fn jpeg(text: &str) -> Vec<u8> {
        [JPEG, text.as_bytes()].concat()
    }

    /// A PNG with transparency, containing a text.
    pub fn png(text: &str) -> Vec<u8> {
        [PNG, text.as_bytes()].concat()
    }

    /// The rendering of a picture in a size.
    pub fn rendered(encoded: &[u8], size: PictureSize) -> Vec<u8> {
        [encoded, format!(" as {size:?}").as_bytes()].concat()
    }
}

#[async_trait]
impl PictureRenderer for InstantRenderer {
    async fn render(&self, encoded: Vec<u8>, sizes: &[PictureSize]) -> Result<Vec<RenderedPicture>, PictureError> {
        if self.is_overloaded.load(Ordering::SeqCst) {
            return Err(PictureError::Overloaded);
        }
        let (format, rest) = match (encoded.strip_prefix(JPEG), encoded.strip_prefix(PNG)) {
            (Some(rest), _) => (PictureFormat::Jpeg, rest),
            (None, Some(rest)) => (PictureFormat::Png, rest),
            (None, None) => return Err(PictureError::Unsupported),
        };
        match rest {
            _ if rest.starts_with(b"cut") => Err(PictureError::Broken),
            _ if rest.starts_with(b"huge") => Err(PictureError::TooLarge),
            _ => Ok(sizes
                .iter()
                .map(|size| RenderedPicture { size: *size, format, bytes: Self::rendered(&encoded, *size) })
                .collect()),
        }
    }
}
