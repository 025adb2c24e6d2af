//! What clients send: JSON objects whose fields are read one by one, so that everything that is wrong is told at once.
//! Unknown fields are ignored.

mod query;

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value};
use vestibule_domain::{EmailAddress, dossier::Change};

pub(super) use self::query::{Paging, query};
use super::errors::Failure;

/// The most bytes of a body.
pub(super) const BODY_LIMIT: usize = 64 * 1_024;

/// What is said of a text that is no address.
pub(super) const NO_ADDRESS: &str = "Ce format d'email est invalid";

/// A body whose fields have not been looked at.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Body(Map<String, Value>);

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldFault {
    /// It is required, and not there or no text.
    Missing(&'static str),
    /// It is there and not taken.
    Invalid(&'static str),
    /// It is a text, and no address.
    NoAddress(&'static str),
}

impl FieldFault {
    pub(super) const fn field(self) -> &'static str {
        match self {
            Self::Missing(field) | Self::Invalid(field) | Self::NoAddress(field) => field,
        }
    }

    pub(super) fn message(self) -> Cow<'static, str> {
        match self {
            Self::Missing(field) => format!("Champ requis: {field}").into(),
            Self::Invalid(field) => format!("Champ invalide: {field}").into(),
            Self::NoAddress(_) => NO_ADDRESS.into(),
        }
    }
}

/// The fields of a body, and what has been found wrong with them so far.
#[derive(Debug)]
pub(super) struct Fields {
    body: Map<String, Value>,
    faults: Vec<FieldFault>,
}

impl Fields {
    /// Begins with the fields that have to be there, in the document's order.
    pub(super) fn requiring(Body(body): Body, required: &[&'static str]) -> Self {
        let missing = required.iter().filter(|field| !body.get(**field).is_some_and(Value::is_string));
        let faults = missing.map(|field| FieldFault::Missing(field)).collect();
        Self { body, faults }
    }

    /// A text as it is; absent and null are no text.
    pub(super) fn text(&mut self, field: &'static str) -> Option<String> {
        self.parsed(field, |text| Some(text.to_owned()))
    }

    /// A text that means something; absent and null are no text.
    pub(super) fn parsed<T>(&mut self, field: &'static str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        match self.body.get(field) {
            None | Some(Value::Null) => None,
            Some(value) => {
                let parsed = value.as_str().and_then(parse);
                self.note(FieldFault::Invalid(field), parsed.is_none());
                parsed
            }
        }
    }

    /// An address.
    pub(super) fn address(&mut self, field: &'static str) -> Option<EmailAddress> {
        let parsed = self.body.get(field)?.as_str().map(EmailAddress::parse);
        self.note(FieldFault::NoAddress(field), parsed.as_ref().is_some_and(Result::is_err));
        parsed?.ok()
    }

    /// A value to set, which null does not take away.
    pub(super) fn set<T>(&mut self, field: &'static str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let parsed = self.body.get(field).map(|value| value.as_str().and_then(parse))?;
        self.note(FieldFault::Invalid(field), parsed.is_none());
        parsed
    }

    /// A value to set or, by null, to take away.
    pub(super) fn change<T>(&mut self, field: &'static str, parse: impl FnOnce(&Value) -> Option<T>) -> Change<T> {
        match self.body.get(field) {
            None => Change::Keep,
            Some(Value::Null) => Change::Clear,
            Some(value) => {
                let parsed = parse(value);
                self.note(FieldFault::Invalid(field), parsed.is_none());
                parsed.map_or(Change::Keep, Change::Set)
            }
        }
    }

    /// A value that came in another way than in the body, in the place of a field; `None` is a wrong one.
    pub(super) fn replaced<T>(&mut self, field: &'static str, value: Option<T>) -> Option<T> {
        self.note(FieldFault::Invalid(field), value.is_none());
        value
    }

    /// Adds a fault of a field that has none yet.
    fn note(&mut self, fault: FieldFault, is_one: bool) {
        if is_one && self.faults.iter().all(|known| known.field() != fault.field()) {
            self.faults.push(fault);
        }
    }

    /// What was read, if it is whole and nothing is wrong.
    pub(super) fn finish<T>(self, read: Option<T>) -> Result<T, Failure> {
        read.filter(|_| self.faults.is_empty()).ok_or_else(|| Failure::of_fields(self.faults))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(body: Value, required: &[&'static str]) -> Fields {
        Fields::requiring(serde_json::from_value(body).unwrap(), required)
    }

    #[test]
    fn what_is_missing_or_no_text_comes_first_and_has_one_fault() {
        let mut fields = fields(json!({ "b": 1, "c": "x", "d": [] }), &["a", "b", "c"]);
        assert_eq!(fields.parsed("d", |_| Some(())), None);
        assert_eq!(fields.text("b"), None);
        assert_eq!(fields.parsed("c", |_| None::<()>), None);
        assert_eq!(
            fields.faults,
            [FieldFault::Missing("a"), FieldFault::Missing("b"), FieldFault::Invalid("d"), FieldFault::Invalid("c")]
        );
    }

    #[test]
    fn an_optional_text_may_be_null() {
        let mut fields = fields(json!({ "a": null }), &[]);
        assert_eq!((fields.text("a"), fields.text("b")), (None, None));
        assert_eq!(fields.finish(Some(1)), Ok(1));
    }

    #[test]
    fn null_takes_a_value_away_where_it_may() {
        let mut fields = fields(json!({ "a": null, "b": null, "c": "x", "d": 1 }), &[]);
        let text = |value: &Value| value.as_str().map(str::to_owned);
        assert_eq!(fields.change("a", text), Change::Clear);
        assert_eq!(fields.change("c", text), Change::Set("x".to_owned()));
        assert_eq!(fields.change("e", text), Change::Keep);
        assert_eq!(fields.faults, []);
        assert_eq!(fields.set("b", |_| Some(())), None);
        assert_eq!(fields.change("d", text), Change::Keep);
        assert_eq!(fields.faults, [FieldFault::Invalid("b"), FieldFault::Invalid("d")]);
    }
}
