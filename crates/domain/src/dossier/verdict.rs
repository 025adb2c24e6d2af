//! A reviewer's verdict on a field.

use std::str::FromStr;

use time::OffsetDateTime;

use crate::{AccountId, text};

/// Why a text is not a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("empty, too long, or with a control character other than a line break")]
pub struct InvalidNote;

/// What a reviewer writes to the owner: 1 to 1000 characters on any number of lines, trimmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note(String);

impl Note {
    /// The most characters of a note.
    pub const MAX_CHARS: usize = 1000;

    /// Reads a note; CR LF from forms becomes LF.
    pub fn parse(text: &str) -> Result<Self, InvalidNote> {
        let text = text::trim_prose(text).replace("\r\n", "\n");
        let is_unfit = |c: char| c.is_control() && c != '\n';
        let fits = !text.is_empty() && text.chars().count() <= Self::MAX_CHARS && !text.chars().any(is_unfit);
        if fits { Ok(Self(text)) } else { Err(InvalidNote) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a field is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// It cannot be read.
    Unreadable,
    /// It is no longer valid.
    Expired,
    /// It contradicts another field.
    Mismatch,
    /// A part of it is missing.
    Incomplete,
    /// It is a document of another kind.
    WrongDocument,
    /// Another reason, given in the note.
    Other,
}

/// Why a word is not a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a reason is unreadable, expired, mismatch, incomplete, wrong-document or other")]
pub struct InvalidReason;

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 6] =
        [Self::Unreadable, Self::Expired, Self::Mismatch, Self::Incomplete, Self::WrongDocument, Self::Other];

    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Expired => "expired",
            Self::Mismatch => "mismatch",
            Self::Incomplete => "incomplete",
            Self::WrongDocument => "wrong-document",
            Self::Other => "other",
        }
    }
}

impl FromStr for Reason {
    type Err = InvalidReason;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text).ok_or(InvalidReason)
    }
}

/// Why a rejection is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the reason `other` needs a note")]
pub struct NoteMissing;

/// A reason, with a note, which `other` requires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    reason: Reason,
    note: Option<Note>,
}

impl Rejection {
    /// Combines a reason and a note.
    pub fn new(reason: Reason, note: Option<Note>) -> Result<Self, NoteMissing> {
        if reason == Reason::Other && note.is_none() { Err(NoteMissing) } else { Ok(Self { reason, note }) }
    }

    /// The reason.
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// The note to the owner.
    pub const fn note(&self) -> Option<&Note> {
        self.note.as_ref()
    }
}

/// A verdict on a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is good.
    Accepted,
    /// It is not good.
    Rejected(Rejection),
}

/// A verdict with its author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenVerdict {
    pub verdict: Verdict,
    /// The reviewer.
    pub by: AccountId,
    /// When, in whole microseconds.
    pub at: OffsetDateTime,
}

impl GivenVerdict {
    /// Whether the field is good.
    pub const fn is_accepted(&self) -> bool {
        matches!(self.verdict, Verdict::Accepted)
    }
}
