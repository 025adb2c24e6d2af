//! Pictures: the sizes and formats in which they are stored and shown.

/// A size in which a picture is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PictureSize {
    /// For viewing: at most 1600 px a side.
    Detail,
    /// For lists: at most 256 px a side.
    Thumb,
}

impl PictureSize {
    /// The most pixels of the longer side. A smaller picture is not enlarged.
    pub const fn longest_side(self) -> u32 {
        match self {
            Self::Detail => 1_600,
            Self::Thumb => 256,
        }
    }
}

/// A format in which a picture is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PictureFormat {
    /// For a picture without transparency.
    Jpeg,
    /// For a picture with transparency.
    Png,
}
