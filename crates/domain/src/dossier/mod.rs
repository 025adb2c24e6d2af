//! Dossiers: what an account's owner tells about themselves beyond a name, and how far that has been checked.
//!
//! A dossier maps the fields of the catalogue to values; its review has a verdict on each field and a decision on the
//! whole. A new field is a line in the catalogue, and one in each dialect that shows it, since dialects have their own
//! field names.

mod document;
mod field;
mod review;
mod value;
mod verdict;
mod walk;

use std::collections::BTreeMap;

use time::OffsetDateTime;

pub use self::{
    document::{Document, DocumentField, MediaType, StoredDocument, UnknownMediaType},
    field::{Field, Group, Kind, UnknownField},
    review::{Decision, Hold, HoldBounds, InvalidReview, InvalidReviewState, Review, ReviewRecord, ReviewState},
    value::{Detail, InvalidDetail, InvalidPhone, PhoneNumber, Value},
    verdict::{GivenVerdict, InvalidNote, InvalidReason, Note, NoteMissing, Reason, Rejection, Verdict},
    walk::{Acceptance, ReviewError, VerdictChange},
};
use crate::{AccountId, BlobName, account::to_microseconds};

/// A value of the wrong kind for its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the field {} holds another kind of value", .0.as_str())]
pub struct WrongKind(pub Field);

/// The values of fields, each of its field's kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<Field, Value>);

impl Values {
    /// The value of a field.
    pub fn get(&self, field: Field) -> Option<&Value> {
        self.0.get(&field)
    }

    /// The line of a text field, or the path of a document field.
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

    /// The document that is stored for a field.
    pub fn stored_document(&self, field: DocumentField) -> Option<&StoredDocument> {
        match self.get(field.field()) {
            Some(Value::Document(Document::Stored(stored))) => Some(stored),
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

    /// Whether no field holds anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The values that a reviewer judges.
    pub(crate) fn reviewed(&self) -> impl Iterator<Item = (Field, &Value)> {
        self.iter().filter(|(field, _)| field.is_reviewed())
    }

    /// Whether there is nothing to judge.
    pub(crate) fn has_nothing_to_review(&self) -> bool {
        self.reviewed().next().is_none()
    }

    /// Sets a field; a time is cut to whole microseconds.
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
    /// The account that it belongs to.
    pub account: AccountId,
    /// The values of its fields.
    pub values: Values,
    /// How far it has been checked.
    pub review: Review,
    /// When a field last changed, in whole microseconds; none for an empty dossier.
    pub updated_at: Option<OffsetDateTime>,
}

/// An owner's edit of a dossier: fields to set and fields to clear; all others stay.
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

    /// Drops a field from the change if it would be set to this value.
    pub fn leave(&mut self, field: Field, is_it: impl FnOnce(&Value) -> bool) {
        if self.0.get(&field).and_then(Option::as_ref).is_some_and(is_it) {
            self.0.remove(&field);
        }
    }

    /// A change of the telephone number only.
    pub fn of_phone(phone: PhoneNumber) -> Self {
        Self(BTreeMap::from([(Field::Phone, Some(Value::Phone(phone)))]))
    }

    /// A change of one document field only: a document, or none.
    pub fn of_document(field: DocumentField, document: Option<Document>) -> Self {
        Self(BTreeMap::from([(field.field(), document.map(Value::Document))]))
    }

    /// Whether the change touches no field.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Dossier {
    /// The dossier of an account that has told nothing yet.
    pub fn empty(account: AccountId) -> Self {
        Self { account, values: Values::default(), review: Review::default(), updated_at: None }
    }

    /// The blobs of its stored documents.
    pub fn blobs(&self) -> impl Iterator<Item = BlobName> {
        let stored = DocumentField::all().filter_map(|field| self.values.stored_document(field));
        stored.map(|stored| BlobName::of_document(self.account, stored.blob))
    }

    /// Whether it holds a telephone number, in any notation.
    pub fn holds(&self, phone: &PhoneNumber) -> bool {
        self.values.phone().is_some_and(|held| held.key() == phone.key())
    }

    /// Gives the telephone number up to another account, as if its owner had cleared it: the verdict on it goes too.
    pub fn give_up_phone(&mut self) {
        if self.values.0.remove(&Field::Phone).is_some() {
            self.follow_edit([Field::Phone]);
        }
    }

    /// Makes an owner's changes and returns whether anything changed. Changed fields lose their verdicts, and a dossier
    /// that is submitted, in review or accepted becomes a draft.
    pub fn change(&mut self, change: DossierChange, now: OffsetDateTime) -> bool {
        let before = self.values.clone();
        let fields: Vec<Field> = change.0.keys().copied().collect();
        for (field, value) in change.0 {
            match value {
                Some(value) => drop(self.values.0.insert(field, value.in_microseconds())),
                None => self.values.clear(field),
            }
        }
        let changed: Vec<Field> =
            fields.into_iter().filter(|field| self.values.get(*field) != before.get(*field)).collect();
        if changed.is_empty() {
            return false;
        }
        self.updated_at = Some(to_microseconds(now));
        if changed.iter().any(|field| field.is_reviewed()) {
            self.follow_edit(changed);
        }
        true
    }
}
