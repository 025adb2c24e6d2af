//! What a profile says: its name, age, place, text about itself, tags and picture.

use std::{collections::BTreeMap, fmt, str::FromStr};

use crate::{BlobId, FullName, picture::PictureFormat, place::PlaceName};

/// Why a number is not an age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an age is 0 to 150 years")]
pub struct InvalidAge;

/// An age of 0 to 150 years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Age(u8);

impl Age {
    /// The highest age.
    pub const MAX: u8 = 150;

    /// Takes a number of years.
    pub fn new(years: u64) -> Result<Self, InvalidAge> {
        u8::try_from(years).ok().filter(|years| *years <= Self::MAX).map(Self).ok_or(InvalidAge)
    }

    /// The years.
    pub const fn years(self) -> u8 {
        self.0
    }
}

/// Why a text cannot be the text about a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what a profile is about has 1 to 5000 characters, not only white space, and no NUL")]
pub struct InvalidAbout;

/// A profile's text about itself, as it was written: 1 to 5000 characters, not only white space, no NUL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About(String);

impl About {
    /// The most characters.
    pub const MAX_CHARS: usize = 5_000;

    /// Reads a text.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidAbout> {
        let text = text.into();
        let fits = !text.trim().is_empty() && text.chars().count() <= Self::MAX_CHARS && !text.contains('\0');
        if fits { Ok(Self(text)) } else { Err(InvalidAbout) }
    }

    /// The text as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A kind of tag that searches filter by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Facet {
    /// What they are.
    Position,
    /// What they look for.
    Looking,
    /// Which circles they belong to.
    Tribes,
    /// Their ethnicities.
    Ethnicities,
}

impl Facet {
    /// Every facet.
    pub const ALL: [Self; 4] = [Self::Position, Self::Looking, Self::Tribes, Self::Ethnicities];

    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Position => "position",
            Self::Looking => "looking",
            Self::Tribes => "tribes",
            Self::Ethnicities => "ethnicities",
        }
    }
}

/// Why a word is not a facet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a facet is position, looking, tribes or ethnicities")]
pub struct InvalidFacet;

impl FromStr for Facet {
    type Err = InvalidFacet;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|facet| facet.as_str() == text).ok_or(InvalidFacet)
    }
}

/// Why a text is not a tag, or tags are not valid for a facet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTag {
    /// Empty, only white space, too long, or with a control character or a `|`.
    #[error("a tag has 1 to 50 characters, not only white space, no control character and no |")]
    Unfit,
    /// More than [`Tags::MOST`].
    #[error("a facet has at most 20 tags")]
    TooMany,
}

/// A tag: 1 to 50 characters as written, not only white space, no control character and no `|`. Two tags are equal if their
/// characters are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(String);

impl Tag {
    /// The most characters.
    pub const MAX_CHARS: usize = 50;

    /// Reads a tag.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidTag> {
        let text = text.into();
        let is_odd = |character: char| character.is_control() || character == '|';
        let fits = !text.trim().is_empty() && text.chars().count() <= Self::MAX_CHARS && !text.chars().any(is_odd);
        if fits { Ok(Self(text)) } else { Err(InvalidTag::Unfit) }
    }

    /// The tag as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The tags of one facet: at most 20, each once, in the order given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags(Vec<Tag>);

impl Tags {
    /// The most tags of a facet.
    pub const MOST: usize = 20;

    /// Takes tags and drops duplicates.
    pub fn new(tags: impl IntoIterator<Item = Tag>) -> Result<Self, InvalidTag> {
        let mut distinct = Vec::new();
        for tag in tags {
            if !distinct.contains(&tag) {
                distinct.push(tag);
            }
        }
        if distinct.len() <= Self::MOST { Ok(Self(distinct)) } else { Err(InvalidTag::TooMany) }
    }

    /// The tags, in the order given.
    pub fn as_slice(&self) -> &[Tag] {
        &self.0
    }

    /// Whether it contains any of these tags.
    pub fn has_any(&self, tags: &[Tag]) -> bool {
        self.0.iter().any(|tag| tags.contains(tag))
    }
}

/// A picture that is stored here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StoredPicture {
    /// Which of the profile's blobs holds it.
    pub blob: BlobId,
    pub format: PictureFormat,
}

/// The picture of a profile, in both sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProfilePicture {
    /// For viewing.
    pub detail: StoredPicture,
    /// For lists.
    pub thumb: StoredPicture,
}

/// What a profile says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    pub name: FullName,
    pub age: Option<Age>,
    pub location: Option<PlaceName>,
    /// Its text about itself.
    pub about: Option<About>,
    pub picture: Option<ProfilePicture>,
    /// Its tags; a missing facet has none.
    pub tags: BTreeMap<Facet, Tags>,
}

impl Details {
    /// Details with a name only.
    pub const fn named(name: FullName) -> Self {
        Self { name, age: None, location: None, about: None, picture: None, tags: BTreeMap::new() }
    }

    /// The tags of a facet.
    pub fn tags(&self, facet: Facet) -> &[Tag] {
        self.tags.get(&facet).map_or(&[], Tags::as_slice)
    }
}
