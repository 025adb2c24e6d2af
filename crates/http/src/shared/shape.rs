//! What a value on the wire may be, as a schema of OpenAPI 3.1: short words for the descriptions of routes.
//!
//! Every field of an object says whether it is required. Numbers come from the constants that the code checks with.

use std::ops::RangeInclusive;

use serde_json::Value;
use utoipa::{
    Number,
    openapi::{
        RefOr, Schema, SchemaFormat,
        schema::{AdditionalProperties, AnyOfBuilder, ArrayBuilder, ArrayItems, ObjectBuilder, SchemaType, Type},
    },
};
use vestibule_domain::{Code, EmailAddress, PasswordRules, PhoneNumber, Username};

/// The schema of a value.
#[derive(Clone, PartialEq)]
pub(crate) struct Shape(Schema);

/// A field of an object.
#[derive(Clone)]
pub(crate) struct Field {
    name: &'static str,
    shape: Shape,
    is_required: bool,
}

/// A field that is always there, or that has to be sent.
pub(crate) const fn required(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, is_required: true }
}

/// A field that may be missing.
pub(crate) const fn optional(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, is_required: false }
}

/// Any text.
pub(crate) fn text() -> Shape {
    simple(Type::String)
}

/// True or false.
pub(crate) fn flag() -> Shape {
    simple(Type::Boolean)
}

/// A whole number.
pub(crate) fn whole() -> Shape {
    simple(Type::Integer)
}

/// A whole number from 0 on.
pub(crate) fn count() -> Shape {
    whole().at_least(0)
}

/// Any number.
pub(crate) fn number() -> Shape {
    simple(Type::Number)
}

/// Nothing but null.
pub(crate) fn null() -> Shape {
    simple(Type::Null)
}

/// Bytes that are no text.
pub(crate) fn bytes() -> Shape {
    text().format("binary")
}

/// One of some words.
pub(crate) fn one_of(words: impl IntoIterator<Item = &'static str>) -> Shape {
    let words: Vec<Value> = words.into_iter().map(Value::from).collect();
    Shape(ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).enum_values(Some(words)).build().into())
}

/// One value and no other.
pub(crate) fn exactly(value: impl Into<Value>) -> Shape {
    let value = value.into();
    let kind = match value {
        Value::Bool(_) => Type::Boolean,
        Value::Number(_) => Type::Integer,
        _ => Type::String,
    };
    Shape(ObjectBuilder::new().schema_type(SchemaType::new(kind)).enum_values(Some([value])).build().into())
}

/// An array of as many items as there are.
pub(crate) fn list(items: Shape) -> Shape {
    Shape(ArrayBuilder::new().items(ArrayItems::from(RefOr::from(items))).build().into())
}

/// An object with these fields, and perhaps others that do not count.
pub(crate) fn object(fields: impl IntoIterator<Item = Field>) -> Shape {
    let object = fields.into_iter().fold(ObjectBuilder::new(), |object, Field { name, shape, is_required }| {
        let object = object.property(name, RefOr::from(shape));
        if is_required { object.required(name) } else { object }
    });
    Shape(object.build().into())
}

/// Any one of several; the same one if they are alike.
pub(crate) fn either(shapes: impl IntoIterator<Item = Shape>) -> Shape {
    let mut distinct: Vec<Shape> = Vec::new();
    for shape in shapes {
        if !distinct.contains(&shape) {
            distinct.push(shape);
        }
    }
    match <[_; 1]>::try_from(distinct) {
        Ok([one]) => one,
        Err(several) => {
            let any = several.into_iter().fold(AnyOfBuilder::new(), |any, shape| any.item(RefOr::from(shape)));
            Shape(any.build().into())
        }
    }
}

fn simple(kind: Type) -> Shape {
    Shape(ObjectBuilder::new().schema_type(SchemaType::new(kind)).build().into())
}

/// An id of 24 hexadecimal digits, as it is shown.
pub(crate) fn id() -> Shape {
    text().matching("^[0-9a-f]{24}$")
}

/// The same, as it may be sent.
pub(crate) fn any_id() -> Shape {
    text().matching("^[0-9A-Fa-f]{24}$")
}

/// A moment of ISO 8601 in UTC.
pub(crate) fn moment() -> Shape {
    text().format("date-time")
}

/// A day, or a moment of ISO 8601, as it may be sent.
pub(crate) fn day() -> Shape {
    either(["date", "date-time"].map(|format| text().format(format)))
}

/// A telephone number, as it may be sent.
pub(crate) fn phone() -> Shape {
    text().of(3..=PhoneNumber::MAX_CHARS).matching(r"^\+?[0-9 ./()-]+$").told("It has 3 to 20 digits.")
}

/// An e-mail address, whose local part may have letters beyond ASCII.
pub(crate) fn email() -> Shape {
    text().format("idn-email")
}

/// An e-mail address, as it may be sent.
pub(crate) fn new_email() -> Shape {
    email().no_more_than(EmailAddress::MAX_BYTES)
}

/// A user name of at least so many characters, as it may be sent.
pub(crate) fn new_username(least: usize) -> Shape {
    text().of(least..=Username::MAX_CHARS).matching("^[A-Za-z0-9._-]*$")
}

/// A text that has something to see, of at most so many characters.
pub(crate) fn prose(most: usize) -> Shape {
    text().of(1..=most).matching(r"\S")
}

/// The same without control characters.
pub(crate) fn line(most: usize) -> Shape {
    text().of(1..=most).matching(r"^[^\x00-\x1f\x7f-\x9f]*[^\x00-\x20\x7f-\xa0][^\x00-\x1f\x7f-\x9f]*$")
}

/// A new password: its bytes are what is counted, of which a character has up to four.
pub(crate) fn new_password(rules: PasswordRules) -> Shape {
    let told = format!("At most {} bytes in UTF-8, without a NUL.", PasswordRules::MAX_BYTES);
    text().of(rules.min_chars()..=PasswordRules::MAX_BYTES).matching(r"^[^\x00]*$").told(told)
}

/// A code of decimal or, by `digit`, other digits, as a person types it.
pub(crate) fn code(digit: &str) -> Shape {
    text().matching(format!(r"^(?:[ -]?{digit}){{{}}}$", Code::DIGITS))
}

impl Shape {
    /// A text of that many characters, or an array of that many items.
    pub(crate) fn of(self, size: RangeInclusive<usize>) -> Self {
        let (least, most) = size.into_inner();
        self.no_fewer_than(least).no_more_than(most)
    }

    /// At least that many characters, items or fields.
    pub(crate) fn no_fewer_than(mut self, least: usize) -> Self {
        match &mut self.0 {
            Schema::Array(array) => array.min_items = Some(least),
            Schema::Object(object) if is_text(&object.schema_type) => object.min_length = Some(least),
            Schema::Object(object) => object.min_properties = Some(least),
            _ => {}
        }
        self
    }

    /// At most that many characters or items.
    pub(crate) fn no_more_than(mut self, most: usize) -> Self {
        match &mut self.0 {
            Schema::Array(array) => array.max_items = Some(most),
            Schema::Object(object) => object.max_length = Some(most),
            _ => {}
        }
        self
    }

    /// A number that is not smaller.
    pub(crate) fn at_least(mut self, least: impl TryInto<isize>) -> Self {
        if let Schema::Object(object) = &mut self.0 {
            object.minimum = least.try_into().ok().map(Number::Int);
        }
        self
    }

    /// A number that is not larger.
    pub(crate) fn at_most(mut self, most: impl TryInto<isize>) -> Self {
        if let Schema::Object(object) = &mut self.0 {
            object.maximum = most.try_into().ok().map(Number::Int);
        }
        self
    }

    /// A text of a format that JSON Schema or OpenAPI names.
    pub(crate) fn format(mut self, name: &str) -> Self {
        if let Schema::Object(object) = &mut self.0 {
            object.format = Some(SchemaFormat::Custom(name.to_owned()));
        }
        self
    }

    /// A text that a regular expression of ECMA-262 finds itself in.
    pub(crate) fn matching(mut self, pattern: impl Into<String>) -> Self {
        if let Schema::Object(object) = &mut self.0 {
            object.pattern = Some(pattern.into());
        }
        self
    }

    /// An object that has no other fields: one that has is refused.
    pub(crate) fn closed(mut self) -> Self {
        if let Schema::Object(object) = &mut self.0 {
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
        self
    }

    /// Whether an empty object has not this shape.
    pub(crate) fn needs_a_field(&self) -> bool {
        match &self.0 {
            Schema::Object(object) => {
                !object.required.is_empty() || object.min_properties.is_some_and(|least| least > 0)
            }
            _ => true,
        }
    }

    /// With words for what no keyword says.
    pub(crate) fn told(mut self, words: impl Into<String>) -> Self {
        match &mut self.0 {
            Schema::Object(object) => object.description = Some(words.into()),
            Schema::Array(array) => array.description = Some(words.into()),
            Schema::AnyOf(any) => any.description = Some(words.into()),
            _ => {}
        }
        self
    }

    /// The same, or null.
    pub(crate) fn or_null(mut self) -> Self {
        match &mut self.0 {
            Schema::Object(object) if object.enum_values.is_none() => add_null(&mut object.schema_type),
            Schema::Array(array) => add_null(&mut array.schema_type),
            _ => return either([self, null()]),
        }
        self
    }
}

fn is_text(kind: &SchemaType) -> bool {
    match kind {
        SchemaType::Type(kind) => *kind == Type::String,
        SchemaType::Array(kinds) => kinds.contains(&Type::String),
        SchemaType::AnyValue => false,
    }
}

fn add_null(kind: &mut SchemaType) {
    if let SchemaType::Type(one) = kind {
        *kind = SchemaType::from_iter([one.clone(), Type::Null]);
    }
}

impl From<Shape> for RefOr<Schema> {
    fn from(Shape(schema): Shape) -> Self {
        Self::T(schema)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn rendered(shape: Shape) -> Value {
        serde_json::to_value(RefOr::<Schema>::from(shape)).unwrap()
    }

    #[test]
    fn a_field_is_required_or_not() {
        let shape = object([required("a", text().of(1..=3)), optional("b", flag())]);
        let expected = json!({
            "type": "object", "required": ["a"],
            "properties": { "a": { "type": "string", "minLength": 1, "maxLength": 3 }, "b": { "type": "boolean" } },
        });
        assert_eq!(rendered(shape), expected);
    }

    #[test]
    fn null_is_a_type_or_another_schema() {
        assert_eq!(rendered(text().or_null()), json!({ "type": ["string", "null"] }));
        assert_eq!(rendered(list(flag()).or_null())["type"], json!(["array", "null"]));
        let words = rendered(one_of(["a"]).or_null());
        assert_eq!(words["anyOf"], json!([{ "type": "string", "enum": ["a"] }, { "type": "null" }]));
    }

    #[test]
    fn a_size_is_that_of_the_kind() {
        assert_eq!(rendered(list(flag()).of(1..=2))["maxItems"], 2);
        assert_eq!(rendered(object([optional("a", flag())]).no_fewer_than(1))["minProperties"], 1);
        assert_eq!(rendered(text().or_null().of(1..=2))["minLength"], 1);
        assert_eq!(
            rendered(whole().at_least(-2).at_most(9)),
            json!({ "type": "integer", "minimum": -2, "maximum": 9 })
        );
    }

    #[test]
    fn what_is_alike_is_told_once() {
        assert_eq!(rendered(either([flag(), flag()])), json!({ "type": "boolean" }));
        assert_eq!(rendered(either([flag(), null()]))["anyOf"].as_array().unwrap().len(), 2);
    }
}
