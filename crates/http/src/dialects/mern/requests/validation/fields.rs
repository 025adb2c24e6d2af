//! Taking fields one after the other, each by its rule.

use serde_json::Value;

use super::{Document, Invalid, number};

/// The fields of an object, and which of them were asked for.
#[derive(Debug)]
pub(in crate::dialects::mern) struct Fields {
    entries: Vec<(String, Value)>,
    known: Vec<&'static str>,
    /// What stands before a field's name in messages: empty, or the path of the object with a dot.
    path: String,
}

/// The rule of a field that is a text which is not empty.
#[derive(Debug, Clone, Copy)]
pub(in crate::dialects::mern) struct Text {
    name: &'static str,
    /// What the document calls the field where it has words of its own for a missing and an empty one.
    label: Option<&'static str>,
    trimmed: bool,
}

impl Text {
    /// A text with the general messages.
    pub(in crate::dialects::mern) const fn named(name: &'static str) -> Self {
        Self { name, label: None, trimmed: false }
    }

    /// A text with messages of its own for a missing and an empty one.
    pub(in crate::dialects::mern) const fn labelled(name: &'static str, label: &'static str) -> Self {
        Self { name, label: Some(label), trimmed: false }
    }

    /// The text without the blanks around it.
    pub(in crate::dialects::mern) const fn trimmed(self) -> Self {
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
    pub(in crate::dialects::mern) fn of(document: Document) -> Result<Self, Invalid> {
        match document {
            Document::Object(entries) => Ok(Self::of_entries(entries)),
            Document::Array => Err(Invalid::field("value", "must be of type object")),
        }
    }

    pub(super) const fn of_entries(entries: Vec<(String, Value)>) -> Self {
        Self { entries, known: Vec::new(), path: String::new() }
    }

    /// Whether nothing was sent.
    pub(in crate::dialects::mern) const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The fields that were asked for and sent, in the order in which they came.
    pub(in crate::dialects::mern) fn accepted(&self) -> Vec<&'static str> {
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
    pub(in crate::dialects::mern) fn text(&mut self, rule: Text) -> Result<Option<String>, Invalid> {
        let text = match self.take(rule.name) {
            None => return Ok(None),
            Some(Value::String(text)) if rule.trimmed => text.trim().to_owned(),
            Some(Value::String(text)) => text,
            Some(_) => return Err(self.invalid(rule.name, "must be a string")),
        };
        if text.is_empty() { Err(rule.empty(&self.path)) } else { Ok(Some(text)) }
    }

    /// A text that must be there.
    pub(in crate::dialects::mern) fn required_text(&mut self, rule: Text) -> Result<String, Invalid> {
        self.text(rule)?.ok_or_else(|| rule.missing(&self.path))
    }

    /// A text, or null, which counts as not sent.
    pub(in crate::dialects::mern) fn text_or_null(&mut self, rule: Text) -> Result<Option<String>, Invalid> {
        match self.peek(rule.name) {
            Some(Value::Null) => {
                self.take(rule.name);
                Ok(None)
            }
            _ => self.text(rule),
        }
    }

    /// What one of several words stands for.
    pub(in crate::dialects::mern) fn one_of<T: Copy>(
        &mut self,
        name: &'static str,
        words: &[(&str, T)],
    ) -> Result<Option<T>, Invalid> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let found = words.iter().find(|(word, _)| value == **word);
        found.map(|(_, meaning)| Some(*meaning)).ok_or_else(|| {
            let list = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
            self.invalid(name, &format!("must be one of [{list}]"))
        })
    }

    /// The same, where the field must be there.
    pub(in crate::dialects::mern) fn required_one_of<T: Copy>(
        &mut self,
        name: &'static str,
        words: &[(&str, T)],
    ) -> Result<T, Invalid> {
        let found = self.one_of(name, words)?;
        found.ok_or_else(|| self.invalid(name, "is required"))
    }

    /// True or false, or the text of either in any case; false if the field was not sent.
    pub(in crate::dialects::mern) fn switch(&mut self, name: &'static str) -> Result<bool, Invalid> {
        match self.take(name) {
            None => Ok(false),
            Some(Value::Bool(value)) => Ok(value),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(true),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(false),
            Some(_) => Err(self.invalid(name, "must be a boolean")),
        }
    }

    /// True or false and nothing else, if the field was sent.
    pub(in crate::dialects::mern) fn flag(&mut self, name: &'static str) -> Result<Option<bool>, Invalid> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(value)),
            Some(_) => Err(self.invalid(name, "must be a boolean")),
        }
    }

    /// A whole number that is not negative, from a text, if the field was sent.
    pub(in crate::dialects::mern) fn count(&mut self, name: &'static str) -> Result<Option<u64>, Invalid> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let parsed = value.as_str().map_or(Err(number::NotANumber::Text), number::parse);
        parsed.map(Some).map_err(|not| self.invalid(name, not.message()))
    }

    /// The fields of an object within this one, if it was sent.
    pub(in crate::dialects::mern) fn object(&mut self, name: &'static str) -> Result<Option<Self>, Invalid> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Object(fields)) => {
                let path = format!("{}{name}.", self.path);
                Ok(Some(Self { path, ..Self::of_entries(fields.into_iter().collect()) }))
            }
            Some(_) => Err(self.invalid(name, "must be of type object")),
        }
    }

    /// Fails for the first field that was not asked for.
    pub(in crate::dialects::mern) fn refuse_unknown(&self) -> Result<(), Invalid> {
        match self.entries.iter().find(|(name, _)| !self.known.contains(&name.as_str())) {
            Some((name, _)) => Err(self.invalid(name, "is not allowed")),
            None => Ok(()),
        }
    }

    /// A message about a field of this object.
    pub(in crate::dialects::mern) fn invalid(&self, name: &str, what: &str) -> Invalid {
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
