//! Reading what clients send, in the document's order and words: known fields first, then unknown ones in the order in
//! which they came, then rules across fields; the first failure is the only one told.

mod document;
mod fields;
mod number;
mod query;

pub(super) use document::Document;
pub(super) use fields::{Fields, Text};

#[cfg(test)]
mod tests;
