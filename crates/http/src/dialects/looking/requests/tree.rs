//! JSON whose texts stay where they came: a picture of megabytes is not copied before it is decoded.

use std::{borrow::Cow, cell::Cell, collections::BTreeMap, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

/// The most values of a body: each takes memory, however short it is.
const MOST_VALUES: usize = 10_000;

/// A value of a body.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tree<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    List(Vec<Tree<'a>>),
    Object(Object<'a>),
}

/// An object of a body; of two fields of one name the last one counts.
pub(crate) type Object<'a> = BTreeMap<String, Tree<'a>>;

/// Reads an object; nothing at all is an empty one.
pub(crate) fn read(json: &[u8]) -> Option<Object<'_>> {
    if json.is_empty() {
        return Some(Object::new());
    }
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let tree = Seed(&Cell::new(MOST_VALUES)).deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    match tree {
        Tree::Object(object) => Some(object),
        Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::Text(_) | Tree::List(_) => None,
    }
}

/// Reads a value, and counts how many more there may be.
#[derive(Clone, Copy)]
struct Seed<'c>(&'c Cell<usize>);

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Tree<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree<'de>, D::Error> {
        let left = self.0.get().checked_sub(1).ok_or_else(|| D::Error::custom("too many values"))?;
        self.0.set(left);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Tree<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Tree<'de>, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Tree<'de>, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Tree<'de>, E> {
        Ok(Tree::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Tree<'de>, E> {
        Ok(Tree::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Tree<'de>, E> {
        Number::from_f64(value).map(Tree::Number).ok_or_else(|| E::custom("not a number"))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Tree<'de>, E> {
        Ok(Tree::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Tree<'de>, E> {
        Ok(Tree::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Tree<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = values.next_element_seed(self)? {
            list.push(value);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Tree<'de>, A::Error> {
        let mut object = Object::new();
        while let Some(name) = fields.next_key()? {
            object.insert(name, fields.next_value_seed(self)?);
        }
        Ok(Tree::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_escapes_is_not_copied() {
        let object = read(br#"{"a":"b","c":"\/"}"#).unwrap();
        assert!(matches!(&object["a"], Tree::Text(Cow::Borrowed("b"))));
        assert!(matches!(&object["c"], Tree::Text(Cow::Owned(text)) if text == "/"));
    }

    #[test]
    fn of_two_fields_the_last_one_counts_and_only_an_object_is_read() {
        assert_eq!(read(br#"{"a":1,"a":[null,true,-2,1.5]}"#).unwrap().len(), 1);
        assert_eq!(read(b""), Some(Object::new()));
        for json in [&b"[]"[..], b"1", b"null", b"\"a\"", b"{", b"{} {}", b"{\"a\":}", b"{\"a\":\"\xff\"}"] {
            assert_eq!(read(json), None, "{json:?}");
        }
    }

    #[test]
    fn a_body_of_countless_values_is_refused() {
        let list = |values: usize| format!("{{\"a\":[{}0]}}", "0,".repeat(values - 1));
        assert!(read(list(MOST_VALUES - 2).as_bytes()).is_some());
        assert!(read(list(MOST_VALUES - 1).as_bytes()).is_none());
    }
}
