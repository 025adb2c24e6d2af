//! Taking fields one after the other, each by its rule.

use serde_json::Value;
use vestibule_domain::{PasswordRules, text};

use super::{Document, number};
use crate::dialects::mern::{errors::Invalid, words};

/// The fields of an object, and which of them were asked for.
#[derive(Debug)]
pub(crate) struct Fields {
    entries: Vec<(String, Value)>,
    known: Vec<&'static str>,
    /// What stands before a field's name in messages: empty, or the path of the object with a dot.
    path: String,
    /// What a new password must look like.
    rules: PasswordRules,
}

/// The rule of a field that is a text which is not empty.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text {
    name: &'static str,
    /// What the document calls the field where it has words of its own for a missing and an empty one.
    label: Option<&'static str>,
    trimmed: bool,
}

impl Text {
    /// A text with the general messages.
    pub(crate) const fn named(name: &'static str) -> Self {
        Self { name, label: None, trimmed: false }
    }

    /// A text with messages of its own for a missing and an empty one.
    pub(crate) const fn labelled(name: &'static str, label: &'static str) -> Self {
        Self { name, label: Some(label), trimmed: false }
    }

    /// The text without the blanks around it.
    pub(crate) const fn trimmed(self) -> Self {
        Self { trimmed: true, ..self }
    }

    fn missing(self, path: &str) -> Invalid {
        match self.label {
            Some(label) => Invalid(format!("{label} is required")),
            None => Invalid::field(&format!("{path}{}", self.name), "is required"),
        }
    }

    fn empty(self, path: &str) -> Invalid {
        match self.label {
            Some(label) => Invalid(format!("{label} cannot be empty")),
            None => Invalid::field(&format!("{path}{}", self.name), "is not allowed to be empty"),
        }
    }
}

impl Fields {
    /// The fields of a body.
    pub(crate) fn of(document: Document, rules: PasswordRules) -> Result<Self, Invalid> {
        match document {
            Document::Object(entries) => Ok(Self::of_entries(entries, rules)),
            Document::Array => Err(Invalid::field("value", "must be of type object")),
        }
    }

    pub(crate) const fn of_entries(entries: Vec<(String, Value)>, rules: PasswordRules) -> Self {
        Self { entries, known: Vec::new(), path: String::new(), rules }
    }

    /// What a new password among them must look like.
    pub(crate) const fn password_rules(&self) -> PasswordRules {
        self.rules
    }

    /// The fields that were asked for and sent, in the order in which they came.
    pub(crate) fn accepted(&self) -> Vec<&'static str> {
        let mut accepted: Vec<&'static str> = Vec::new();
        for (name, _) in &self.entries {
            if let Some(known) = self.known.iter().find(|known| *known == name)
                && !accepted.contains(known)
            {
                accepted.push(known);
            }
        }
        accepted
    }

    /// A text, if the field was sent.
    pub(crate) fn text(&mut self, rule: Text) -> Result<Option<String>, Invalid> {
        let text = match self.take(rule.name) {
            None => return Ok(None),
            Some(Value::String(text)) if rule.trimmed => text::trim_prose(&text).to_owned(),
            Some(Value::String(text)) => text,
            Some(_) => return Err(self.invalid(rule.name, "must be a string")),
        };
        if text.is_empty() { Err(rule.empty(&self.path)) } else { Ok(Some(text)) }
    }

    /// A text that must be there.
    pub(crate) fn required_text(&mut self, rule: Text) -> Result<String, Invalid> {
        self.text(rule)?.ok_or_else(|| rule.missing(&self.path))
    }

    /// A text, or null, which counts as not sent.
    pub(crate) fn text_or_null(&mut self, rule: Text) -> Result<Option<String>, Invalid> {
        match self.peek(rule.name) {
            Some(Value::Null) => {
                self.take(rule.name);
                Ok(None)
            }
            _ => self.text(rule),
        }
    }

    /// What one of several words stands for.
    pub(crate) fn one_of<T: Copy>(&mut self, name: &'static str, table: &[(&str, T)]) -> Result<Option<T>, Invalid> {
        let Some(value) = self.take(name) else { return Ok(None) };
        value.as_str().and_then(|word| words::meaning(table, word)).map(Some).ok_or_else(|| {
            let list = table.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
            self.invalid(name, &format!("must be one of [{list}]"))
        })
    }

    /// The same, where the field must be there.
    pub(crate) fn required_one_of<T: Copy>(&mut self, name: &'static str, table: &[(&str, T)]) -> Result<T, Invalid> {
        let found = self.one_of(name, table)?;
        found.ok_or_else(|| self.invalid(name, "is required"))
    }

    /// True or false, or the text of either in any case; false if the field was not sent.
    pub(crate) fn switch(&mut self, name: &'static str) -> Result<bool, Invalid> {
        match self.take(name) {
            None => Ok(false),
            Some(Value::Bool(value)) => Ok(value),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(true),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(false),
            Some(_) => Err(self.invalid(name, "must be a boolean")),
        }
    }

    /// True or false and nothing else, if the field was sent.
    pub(crate) fn flag(&mut self, name: &'static str) -> Result<Option<bool>, Invalid> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(value)),
            Some(_) => Err(self.invalid(name, "must be a boolean")),
        }
    }

    /// A whole number that is not negative, from a text, if the field was sent.
    pub(crate) fn count(&mut self, name: &'static str) -> Result<Option<u64>, Invalid> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let parsed = value.as_str().map_or(Err(number::NotANumber::Text), number::parse);
        parsed.map(Some).map_err(|not| self.invalid(name, not.message()))
    }

    /// The fields of an object within this one, if it was sent.
    pub(crate) fn object(&mut self, name: &'static str) -> Result<Option<Self>, Invalid> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Object(fields)) => {
                let path = format!("{}{name}.", self.path);
                Ok(Some(Self { path, ..Self::of_entries(fields.into_iter().collect(), self.rules) }))
            }
            Some(_) => Err(self.invalid(name, "must be of type object")),
        }
    }

    /// Fails for the first field that was not asked for.
    pub(crate) fn refuse_unknown(&self) -> Result<(), Invalid> {
        match self.entries.iter().find(|(name, _)| !self.known.contains(&name.as_str())) {
            Some((name, _)) => Err(self.invalid(name, "is not allowed")),
            None => Ok(()),
        }
    }

    /// A message about a field of this object.
    pub(crate) fn invalid(&self, name: &str, what: &str) -> Invalid {
        Invalid::field(&format!("{}{name}", self.path), what)
    }

    /// The last value of a name counts.
    fn peek(&self, name: &str) -> Option<&Value> {
        self.entries.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        let found = self.entries.iter_mut().rev().find(|(known, _)| known == name);
        found.map(|(_, value)| std::mem::take(value))
    }
}
