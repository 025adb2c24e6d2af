//! Reading fields one by one.

use serde_json::{Map, Value};

/// The fields of an object.
#[derive(Debug)]
pub(crate) struct Fields(Map<String, Value>);

/// A field of an object.
#[derive(Debug, Clone, Copy)]
pub(super) enum Field<'a> {
    Absent,
    Null,
    Of(&'a Value),
}

/// A value that is no text, or one with a NUL.
#[derive(Debug, Clone, Copy)]
pub(super) struct NotText;

impl Fields {
    pub(crate) const fn new(body: Map<String, Value>) -> Self {
        Self(body)
    }

    pub(super) fn get(&self, name: &str) -> Field<'_> {
        match self.0.get(name) {
            None => Field::Absent,
            Some(Value::Null) => Field::Null,
            Some(value) => Field::Of(value),
        }
    }
}

impl<'a> Field<'a> {
    /// A text, or nothing where the field is absent or null.
    pub(super) fn text(self) -> Result<Option<&'a str>, NotText> {
        match self {
            Self::Absent | Self::Null => Ok(None),
            Self::Of(Value::String(text)) if !text.contains('\0') => Ok(Some(text)),
            Self::Of(_) => Err(NotText),
        }
    }
}
