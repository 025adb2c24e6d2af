//! Reading fields one by one, each by its path.

use serde_json::{Map, Value};
use vestibule_application::accounts::Edit;
use vestibule_domain::dossier::{Detail, Document, Field, Kind, Value as FieldValue};

use crate::{dialects::rococoins::errors::Failure, shared::timestamp::day_or_time};

/// The most characters of the kind of owner and the gender.
const LABEL_CHARS: usize = 64;
/// The most characters of the path of a document.
const PATH_CHARS: usize = 512;

/// The fields of a body.
#[derive(Debug)]
pub(crate) struct Fields(Map<String, Value>);

/// A part of a body.
#[derive(Debug, Clone, Copy)]
pub(super) enum Object<'a> {
    /// It is not there.
    Absent,
    /// It is null: so is every field of it.
    Null,
    Of(&'a Map<String, Value>),
}

impl Fields {
    pub(crate) const fn new(body: Map<String, Value>) -> Self {
        Self(body)
    }

    /// The fields that belong to no group.
    pub(super) const fn root(&self) -> Object<'_> {
        Object::Of(&self.0)
    }

    /// The fields of a group.
    pub(super) fn group(&self, name: &str) -> Result<Object<'_>, Failure> {
        match self.0.get(name) {
            None => Ok(Object::Absent),
            Some(Value::Null) => Ok(Object::Null),
            Some(Value::Object(group)) => Ok(Object::Of(group)),
            Some(_) => Err(Failure::invalid(name)),
        }
    }
}

impl<'a> Object<'a> {
    /// The names of its fields.
    pub(super) fn names(self) -> impl Iterator<Item = &'a str> {
        let object = match self {
            Self::Absent | Self::Null => None,
            Self::Of(object) => Some(object),
        };
        object.into_iter().flat_map(|object| object.keys().map(String::as_str))
    }

    fn get(self, name: &str) -> Option<&'a Value> {
        match self {
            Self::Absent => None,
            Self::Null => Some(&Value::Null),
            Self::Of(object) => object.get(name),
        }
    }

    /// Whether a field is there, null included.
    pub(super) fn has(self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// A text; absent and null are none.
    pub(super) fn text(self, name: &str, path: &str) -> Result<Option<&'a str>, Failure> {
        match self.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if !text.contains('\0') => Ok(Some(text)),
            Some(_) => Err(Failure::invalid(path)),
        }
    }

    /// A whole number from 0 on.
    pub(super) fn number(self, name: &str) -> Option<u64> {
        self.get(name)?.as_u64()
    }

    /// What to do with a value: null, and a text without a character that shows, take it away.
    pub(super) fn edit<T>(
        self,
        name: &str,
        path: &str,
        parse: impl FnOnce(&str) -> Result<T, Failure>,
    ) -> Result<Edit<T>, Failure> {
        match self.text(name, path)? {
            Some(text) if !vestibule_domain::text::is_blank(text) => parse(text).map(Edit::Set),
            Some(_) => Ok(Edit::Clear),
            None if self.has(name) => Ok(Edit::Clear),
            None => Ok(Edit::Keep),
        }
    }
}

/// A value of the kind of its field.
pub(super) fn value(field: Field, text: &str) -> Option<FieldValue> {
    let fitting = || Detail::parse(text).ok().filter(|line| line.as_str().chars().count() <= most_chars(field));
    match field.kind() {
        Kind::Text => fitting().map(FieldValue::Text),
        Kind::Document => fitting().map(|path| FieldValue::Document(Document::Path(path))),
        Kind::Day => day_or_time(text).map(FieldValue::Day),
        // No field of the dialect has it: a number of one account only would refuse others.
        Kind::Phone => None,
    }
}

/// The most characters of a text.
pub(in crate::dialects::rococoins) fn most_chars(field: Field) -> usize {
    match (field, field.kind()) {
        (Field::PersonKind | Field::Gender, _) => LABEL_CHARS,
        (_, Kind::Document) => PATH_CHARS,
        (_, Kind::Text | Kind::Day | Kind::Phone) => Detail::MAX_CHARS,
    }
}
