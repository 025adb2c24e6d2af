//! Dossiers: what an account's owner tells about themselves beside a name, and how far that has been checked.
//!
//! A dossier is one map from the fields of the catalogue to what they hold; the review is over the whole of it. A new field
//! is a line in the catalogue, and one in each dialect that shows it: those have their own names for fields.

mod field;
mod value;

use std::{collections::BTreeMap, str::FromStr};

use time::OffsetDateTime;

pub use self::{
    field::{Field, Group, Kind, UnknownField},
    value::{Detail, InvalidDetail, InvalidPhone, PhoneNumber, Value},
};
use crate::{AccountId, account::to_microseconds};

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

/// A value of another kind than its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the field {} holds another kind of value", .0.as_str())]
pub struct WrongKind(pub Field);

/// What fields hold; each of its own kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<Field, Value>);

impl Values {
    /// What a field holds.
    pub fn get(&self, field: Field) -> Option<&Value> {
        self.0.get(&field)
    }

    /// The line of a text, or where a document is.
    pub fn line(&self, field: Field) -> Option<&Detail> {
        self.get(field)?.line()
    }

    /// The day of a field.
    pub fn day(&self, field: Field) -> Option<OffsetDateTime> {
        match self.get(field) {
            Some(Value::Day(day)) => Some(*day),
            _ => None,
        }
    }

    /// The telephone number that no other account may have.
    pub fn phone(&self) -> Option<&PhoneNumber> {
        match self.get(Field::Phone) {
            Some(Value::Phone(phone)) => Some(phone),
            _ => None,
        }
    }

    /// Every field that holds something, in the order of the catalogue.
    pub fn iter(&self) -> impl Iterator<Item = (Field, &Value)> {
        self.0.iter().map(|(field, value)| (*field, value))
    }

    /// Lets a field hold a value, cut to whole microseconds where it is a time.
    pub fn set(&mut self, field: Field, value: Value) -> Result<(), WrongKind> {
        if value.kind() != field.kind() {
            return Err(WrongKind(field));
        }
        self.0.insert(field, value.in_microseconds());
        Ok(())
    }

    /// Empties a field.
    pub fn clear(&mut self, field: Field) {
        self.0.remove(&field);
    }
}

/// The dossier of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dossier {
    /// Whose it is.
    pub account: AccountId,
    /// What its fields hold.
    pub values: Values,
    /// How far all of it has been checked.
    pub review: Review,
    /// When a field last changed, in whole microseconds; none for a dossier that has not been begun.
    pub updated_at: Option<OffsetDateTime>,
}

/// What an owner changes of a dossier: fields to set, fields to empty, and the rest stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DossierChange(BTreeMap<Field, Option<Value>>);

impl DossierChange {
    /// Sets a field, or empties it.
    pub fn put(&mut self, field: Field, value: Option<Value>) -> Result<(), WrongKind> {
        if value.as_ref().is_some_and(|value| value.kind() != field.kind()) {
            return Err(WrongKind(field));
        }
        self.0.insert(field, value);
        Ok(())
    }

    /// A telephone number, and nothing else.
    pub fn of_phone(phone: PhoneNumber) -> Self {
        Self(BTreeMap::from([(Field::Phone, Some(Value::Phone(phone)))]))
    }

    /// Whether every field is to be left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Dossier {
    /// The dossier of an account that has told nothing yet.
    pub fn empty(account: AccountId) -> Self {
        Self { account, values: Values::default(), review: Review::default(), updated_at: None }
    }

    /// Whether it holds a telephone number, however that is written.
    pub fn holds(&self, phone: &PhoneNumber) -> bool {
        self.values.phone().is_some_and(|held| held.key() == phone.key())
    }

    /// Makes an owner's changes; whether anything is different.
    pub fn change(&mut self, change: DossierChange, now: OffsetDateTime) -> bool {
        let before = self.values.clone();
        for (field, value) in change.0 {
            match value {
                Some(value) => drop(self.values.0.insert(field, value.in_microseconds())),
                None => self.values.clear(field),
            }
        }
        let differs = self.values != before;
        if differs {
            self.updated_at = Some(to_microseconds(now));
        }
        differs
    }
}
