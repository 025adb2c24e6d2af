//! Values of a dossier's fields.

use time::OffsetDateTime;

use super::{Document, Kind};
use crate::{account::to_microseconds, text};

/// The most bytes of a typed telephone number, including blanks around it.
const MAX_TYPED_BYTES: usize = 128;

/// Why a text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("empty, too long, or with a control character")]
pub struct InvalidDetail;

/// A text of a dossier, such as an address: 1 to 1000 characters, trimmed, without control characters but line breaks and tabs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail(String);

impl Detail {
    /// The most characters of a line.
    pub const MAX_CHARS: usize = 1000;

    /// Reads a line.
    pub fn parse(text: &str) -> Result<Self, InvalidDetail> {
        let text = text::trim_prose(text);
        let fits = !text.is_empty() && text.chars().count() <= Self::MAX_CHARS && !text.chars().any(is_unfit);
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidDetail) }
    }

    /// The line as given, trimmed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_unfit(character: char) -> bool {
    character.is_control() && !['\n', '\r', '\t'].contains(&character)
}

/// Why a text is not a telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a telephone number has 3 to 20 digits, of which blanks and .-/() may stand in between, and a + before")]
pub struct InvalidPhone;

/// A telephone number: shown as it was given, in ASCII; compared by its `+` and its digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneNumber {
    given: String,
    key: String,
}

impl PhoneNumber {
    /// The most characters, including those between the digits.
    pub const MAX_CHARS: usize = 40;

    /// Reads a number. Invisible characters, which numbers copied from contacts have around them, are dropped, and digits
    /// may be full-width.
    pub fn parse(text: &str) -> Result<Self, InvalidPhone> {
        let text = text::plain(text, MAX_TYPED_BYTES).ok_or(InvalidPhone)?;
        let given = text.trim();
        let (plus, rest) = given.strip_prefix('+').map_or(("", given), |rest| ("+", rest));
        let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
        let is_fit = |c: char| c.is_ascii_digit() || " .-/()".contains(c);
        if given.len() <= Self::MAX_CHARS && rest.chars().all(is_fit) && (3..=20).contains(&digits.len()) {
            Ok(Self { given: given.to_owned(), key: format!("{plus}{digits}") })
        } else {
            Err(InvalidPhone)
        }
    }

    /// As it was given, trimmed.
    pub fn as_str(&self) -> &str {
        &self.given
    }

    /// The form that must be unique.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// A value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A line of text.
    Text(Detail),
    /// A day, or a moment, in whole microseconds.
    Day(OffsetDateTime),
    /// A telephone number.
    Phone(PhoneNumber),
    /// A stored document, or a path.
    Document(Document),
}

impl Value {
    /// Its kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Text(_) => Kind::Text,
            Self::Day(_) => Kind::Day,
            Self::Phone(_) => Kind::Phone,
            Self::Document(_) => Kind::Document,
        }
    }

    /// The line of a text, or the path of a document.
    pub const fn line(&self) -> Option<&Detail> {
        match self {
            Self::Text(line) | Self::Document(Document::Path(line)) => Some(line),
            Self::Day(_) | Self::Phone(_) | Self::Document(Document::Stored(_)) => None,
        }
    }

    pub(super) fn in_microseconds(self) -> Self {
        match self {
            Self::Day(day) => Self::Day(to_microseconds(day)),
            Self::Document(document) => Self::Document(document.in_microseconds()),
            other => other,
        }
    }
}
