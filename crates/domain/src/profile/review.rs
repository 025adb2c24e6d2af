//! The state of a profile on its way to the public.

use std::str::FromStr;

use time::OffsetDateTime;

use crate::{
    AccountId,
    dossier::{Note, NoteMissing},
};

/// The state of a profile. Only an approved one is public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProfileState {
    /// Not ready for a decision.
    Draft,
    /// A decision is due.
    Submitted,
    /// It is public.
    Approved,
    /// It was refused.
    Rejected,
}

/// Why a word is not the state of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the state of a profile is draft, submitted, approved or rejected")]
pub struct InvalidProfileState;

impl ProfileState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Draft, Self::Submitted, Self::Approved, Self::Rejected];

    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

impl FromStr for ProfileState {
    type Err = InvalidProfileState;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(InvalidProfileState)
    }
}

/// Why a profile is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProfileFlaw {
    /// Advertising, or nonsense.
    Spam,
    /// It reveals personal data of people who did not agree.
    PersonalData,
    /// Its picture cannot be shown.
    Picture,
    /// It breaks the law.
    Illegal,
    /// Another reason, given in the note.
    Other,
}

/// Why a word is not a reason to refuse a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a profile is refused for spam, personal-data, picture, illegal or other")]
pub struct InvalidProfileFlaw;

impl ProfileFlaw {
    /// Every reason.
    pub const ALL: [Self; 5] = [Self::Spam, Self::PersonalData, Self::Picture, Self::Illegal, Self::Other];

    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Spam => "spam",
            Self::PersonalData => "personal-data",
            Self::Picture => "picture",
            Self::Illegal => "illegal",
            Self::Other => "other",
        }
    }
}

impl FromStr for ProfileFlaw {
    type Err = InvalidProfileFlaw;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|flaw| flaw.as_str() == text).ok_or(InvalidProfileFlaw)
    }
}

/// Why a profile was refused, with an optional note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileRejection {
    flaw: ProfileFlaw,
    note: Option<Note>,
}

impl ProfileRejection {
    /// Takes a reason and a note, which `other` requires.
    pub fn new(flaw: ProfileFlaw, note: Option<Note>) -> Result<Self, NoteMissing> {
        if flaw == ProfileFlaw::Other && note.is_none() { Err(NoteMissing) } else { Ok(Self { flaw, note }) }
    }

    /// The reason.
    pub const fn flaw(&self) -> ProfileFlaw {
        self.flaw
    }

    /// The note, if there is one.
    pub const fn note(&self) -> Option<&Note> {
        self.note.as_ref()
    }
}

/// The last decision on a profile, or its undoing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileDecision {
    /// Who decided.
    pub by: AccountId,
    /// When, in whole microseconds.
    pub at: OffsetDateTime,
    /// Why it was refused, if it was.
    pub rejection: Option<ProfileRejection>,
}
