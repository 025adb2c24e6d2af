//! Reading what clients send, in the document's order and words: known fields first, then unknown ones in the order in
//! which they came, then rules across fields; the first failure is the only one told.

mod document;
mod fields;
mod number;
mod query;

pub(in crate::dialects::mern) use document::Document;
pub(in crate::dialects::mern) use fields::{Fields, Text};

/// What a client is told of the first thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::dialects::mern) struct Invalid(pub(in crate::dialects::mern) String);

impl Invalid {
    /// A message about a field, whose name stands before it in double quotes.
    fn field(name: &str, what: &str) -> Self {
        Self(format!("\"{name}\" {what}"))
    }
}

impl From<&str> for Invalid {
    fn from(message: &str) -> Self {
        Self(message.to_owned())
    }
}

#[cfg(test)]
mod tests;
