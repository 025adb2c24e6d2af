//! A value from a source, checked against the kind of its key.

use super::key::Kind;

/// Why a value is refused: what is wrong, and what to do. Never contains a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) what: String,
    pub(super) remedy: String,
}

impl Refusal {
    pub(super) fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: remedy.into() }
    }
}

/// A value of one of the kinds; not printable, because it may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Number(u32),
    Switch(bool),
    List(Vec<String>),
}

impl Value {
    /// Parses a value as written in the environment.
    pub(super) fn from_text(kind: Kind, text: &str) -> Result<Self, Refusal> {
        let expected = || Refusal::new("not a value that is taken here", format!("give {}", kind.describe()));
        if text.contains('\u{fffd}') {
            return Err(Refusal::new("not valid UTF-8", "write it in UTF-8"));
        }
        match kind {
            Kind::Text | Kind::Path => Ok(Self::Text(text.to_owned())),
            Kind::Number { .. } => {
                text.trim().parse().map_err(|_| expected()).and_then(|number| in_range(kind, number))
            }
            Kind::Switch => match text.trim().to_ascii_lowercase().as_str() {
                "on" | "true" | "yes" | "1" => Ok(Self::Switch(true)),
                "off" | "false" | "no" | "0" => Ok(Self::Switch(false)),
                _ => Err(expected()),
            },
            Kind::Choice(words) => {
                let word = words.iter().find(|word| word.eq_ignore_ascii_case(text.trim())).ok_or_else(expected)?;
                Ok(Self::Text((*word).to_owned()))
            }
            Kind::List => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Ok(Self::List(items.map(str::to_owned).collect()))
            }
        }
    }

    /// Parses a value as written in TOML.
    pub(super) fn from_toml(kind: Kind, value: &toml::Value) -> Result<Self, Refusal> {
        let expected = || {
            let form = match kind {
                Kind::List => "an array of texts".to_owned(),
                Kind::Text | Kind::Path => format!("{} in quotation marks", kind.describe()),
                _ => kind.describe(),
            };
            Refusal::new(format!("of the wrong type ({})", value.type_str()), format!("give {form}"))
        };
        match (kind, value) {
            (_, toml::Value::String(text)) => Self::from_text(kind, text),
            (Kind::Number { .. }, toml::Value::Integer(number)) => in_range(kind, *number),
            (Kind::Switch, toml::Value::Boolean(on)) => Ok(Self::Switch(*on)),
            (Kind::List, toml::Value::Array(items)) => {
                let texts = items.iter().map(|item| item.as_str().map(|text| text.trim().to_owned()));
                texts.collect::<Option<_>>().map(Self::List).ok_or_else(expected)
            }
            _ => Err(expected()),
        }
    }

    /// The value as JSON.
    pub(super) fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Text(text) => text.as_str().into(),
            Self::Number(number) => (*number).into(),
            Self::Switch(on) => (*on).into(),
            Self::List(items) => items.clone().into(),
        }
    }

    /// The value as TOML.
    pub(super) fn to_toml(&self) -> String {
        let value: toml::Value = match self {
            Self::Text(text) => text.as_str().into(),
            Self::Number(number) => i64::from(*number).into(),
            Self::Switch(on) => (*on).into(),
            Self::List(items) => toml::Value::Array(items.iter().map(|item| item.as_str().into()).collect()),
        };
        value.to_string()
    }
}

fn in_range(kind: Kind, number: i64) -> Result<Value, Refusal> {
    let Kind::Number { floor, ceiling } = kind else {
        return Err(Refusal::new("not a number", format!("give {}", kind.describe())));
    };
    let remedy = || format!("give {}", kind.describe());
    match u32::try_from(number) {
        Ok(number) if number > ceiling => {
            Err(Refusal::new(format!("{number} is above the ceiling of {ceiling}"), remedy()))
        }
        Ok(number) if number >= floor => Ok(Value::Number(number)),
        _ => Err(Refusal::new(format!("{number} is below the floor of {floor}"), remedy())),
    }
}
