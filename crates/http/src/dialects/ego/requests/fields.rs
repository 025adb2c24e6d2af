//! Reading fields one by one, and noting what is wrong with each.

use serde_json::{Map, Value};
use vestibule_domain::{EmailAddress, NewPassword, PasswordRules};

use crate::dialects::ego::errors::{FieldFault, Weakness};

/// The fields of a body, and what has been found wrong with them so far.
#[derive(Debug)]
pub(crate) struct Fields {
    body: Map<String, Value>,
    /// What a new password must look like.
    rules: PasswordRules,
    faults: Vec<FieldFault>,
}

/// What to do with a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change<T> {
    /// Leave it.
    Keep,
    /// Give it another.
    Set(T),
    /// Take it away.
    Clear,
}

impl Fields {
    /// Begins with the fields that have to be there as texts, in the document's order.
    pub(super) fn requiring(required: &[&'static str], body: Map<String, Value>, rules: PasswordRules) -> Self {
        let missing = required.iter().filter(|field| !body.get(**field).is_some_and(Value::is_string));
        let faults = missing.map(|field| FieldFault::Missing(field)).collect();
        Self { body, rules, faults }
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

    /// A text that is fit to be a new password.
    pub(super) fn new_password(&mut self, field: &'static str) -> Option<NewPassword> {
        let text = self.text(field)?;
        self.fit_password(field, &text)
    }

    /// A text that was read already, as a new password; `field` is what an unfit one is told of.
    pub(super) fn fit_password(&mut self, field: &'static str, text: &str) -> Option<NewPassword> {
        let checked = self.rules.check(text);
        if let Err(error) = checked {
            self.note(FieldFault::Password(field, Weakness::of(error, self.rules)), true);
        }
        checked.ok()
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

    /// Adds a fault of a field that has none yet.
    fn note(&mut self, fault: FieldFault, is_one: bool) {
        if is_one && self.faults.iter().all(|known| known.field() != fault.field()) {
            self.faults.push(fault);
        }
    }

    /// What was read, if it is whole and nothing is wrong.
    pub(super) fn finish<T>(self, read: Option<T>) -> Result<T, Vec<FieldFault>> {
        read.filter(|_| self.faults.is_empty()).ok_or(self.faults)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(body: Value, required: &[&'static str]) -> Fields {
        Fields::requiring(required, serde_json::from_value(body).unwrap(), PasswordRules::default())
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
