//! Dossiers: what an account's owner tells about themselves beside a name, and how far that has been checked.
//!
//! A dossier is one file in groups: the person, the contact, the identification and the review of it all (know your
//! customer). The groups of a business join them when a dialect has them; the review is over the whole file.

use std::str::FromStr;

use time::OffsetDateTime;

use crate::{AccountId, account::to_microseconds};

/// Why a text is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("empty, too long, or with a control character")]
pub struct InvalidDetail;

/// A line of a dossier: 1 to 1000 characters, trimmed, without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail(String);

impl Detail {
    /// The most characters of a line.
    pub const MAX_CHARS: usize = 1000;

    /// Reads a line.
    pub fn parse(text: &str) -> Result<Self, InvalidDetail> {
        let text = text.trim();
        let fits = !text.is_empty() && text.chars().count() <= Self::MAX_CHARS && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidDetail) }
    }

    /// The line as given, trimmed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is not a telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a telephone number has 3 to 20 digits, of which blanks and .-/() may stand in between, and a + before")]
pub struct InvalidPhone;

/// A telephone number: shown as it was given, compared by its `+` and its digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneNumber {
    given: String,
    key: String,
}

impl PhoneNumber {
    /// Reads a number.
    pub fn parse(text: &str) -> Result<Self, InvalidPhone> {
        let given = text.trim();
        let (plus, rest) = given.strip_prefix('+').map_or(("", given), |rest| ("+", rest));
        let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
        let is_fit = |c: char| c.is_ascii_digit() || " .-/()".contains(c);
        if given.len() <= 40 && rest.chars().all(is_fit) && (3..=20).contains(&digits.len()) {
            Ok(Self { given: given.to_owned(), key: format!("{plus}{digits}") })
        } else {
            Err(InvalidPhone)
        }
    }

    /// As it was given, trimmed.
    pub fn as_str(&self) -> &str {
        &self.given
    }

    /// What is unique of it.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// A postal address; each part may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// Street and number.
    pub street: Option<Detail>,
    /// Town.
    pub city: Option<Detail>,
    /// Postal code.
    pub zip: Option<Detail>,
    /// Region or district.
    pub area: Option<Detail>,
    /// Country.
    pub country: Option<Detail>,
}

impl Address {
    /// Whether nothing of it is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Who the owner is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// Date of birth.
    pub birth: Option<OffsetDateTime>,
    /// Profession.
    pub profession: Option<Detail>,
    /// Path or URL of a picture, as the client told it; never fetched.
    pub photo: Option<Detail>,
}

/// How the owner is reached beside the mailbox.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// Telephone number, of one account only.
    pub phone: Option<PhoneNumber>,
    /// Postal address.
    pub address: Address,
}

/// The paper that identifies the owner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identification {
    /// What kind of paper it is.
    pub kind: Option<Detail>,
    /// When the paper expires.
    pub expires_at: Option<OffsetDateTime>,
    /// Path of its picture.
    pub document: Option<Detail>,
}

/// How far a dossier has been checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ReviewStatus {
    /// Nothing was handed in.
    #[default]
    None,
    /// Handed in, not decided.
    Pending,
    /// Taken.
    Approved,
    /// Refused.
    Rejected,
}

/// Why a word is not a status of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a review is none, pending, approved or rejected")]
pub struct InvalidReviewStatus;

impl ReviewStatus {
    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

impl FromStr for ReviewStatus {
    type Err = InvalidReviewStatus;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::None, Self::Pending, Self::Approved, Self::Rejected]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(InvalidReviewStatus)
    }
}

/// The check of a dossier.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Review {
    /// How far it is.
    pub status: ReviewStatus,
    /// When it was decided.
    pub decided_at: Option<OffsetDateTime>,
}

/// The dossier of an account, with every field as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dossier {
    /// Whose it is.
    pub account: AccountId,
    /// Who the owner is.
    pub person: Person,
    /// How the owner is reached.
    pub contact: Contact,
    /// The owner's paper.
    pub identification: Identification,
    /// How far all of it has been checked.
    pub review: Review,
    /// When a field last changed, in whole microseconds; none for a dossier that nobody has begun.
    pub updated_at: Option<OffsetDateTime>,
}

/// What to do with a field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// Leave it.
    #[default]
    Keep,
    /// Give it a value.
    Set(T),
    /// Take its value away.
    Clear,
}

impl<T: PartialEq> Change<T> {
    fn apply(self, field: &mut Option<T>) -> bool {
        let wanted = match self {
            Self::Keep => return false,
            Self::Set(value) => Some(value),
            Self::Clear => None,
        };
        let differs = *field != wanted;
        *field = wanted;
        differs
    }
}

/// What an owner changes of a dossier.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DossierChange {
    /// Telephone number.
    pub phone: Change<PhoneNumber>,
    /// Profession.
    pub profession: Change<Detail>,
    /// Date of birth.
    pub birth: Change<OffsetDateTime>,
    /// Picture.
    pub photo: Change<Detail>,
    /// Postal address, as a whole.
    pub address: Change<Address>,
}

impl DossierChange {
    /// Whether every field is to be left.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Dossier {
    /// The dossier of an account that has told nothing yet.
    pub fn empty(account: AccountId) -> Self {
        Self {
            account,
            person: Person::default(),
            contact: Contact::default(),
            identification: Identification::default(),
            review: Review::default(),
            updated_at: None,
        }
    }

    /// Makes an owner's changes; whether anything is different.
    pub fn change(&mut self, change: DossierChange, now: OffsetDateTime) -> bool {
        let DossierChange { phone, profession, birth, photo, address } = change;
        let mut known = (!self.contact.address.is_empty()).then(|| self.contact.address.clone());
        let birth = match birth {
            Change::Set(time) => Change::Set(to_microseconds(time)),
            Change::Keep | Change::Clear => birth,
        };
        let changed = [
            phone.apply(&mut self.contact.phone),
            profession.apply(&mut self.person.profession),
            birth.apply(&mut self.person.birth),
            photo.apply(&mut self.person.photo),
            address.apply(&mut known),
        ];
        self.contact.address = known.unwrap_or_default();
        let differs = changed.contains(&true);
        if differs {
            self.updated_at = Some(to_microseconds(now));
        }
        differs
    }
}
