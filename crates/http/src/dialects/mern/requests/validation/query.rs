//! A query string as fields: `a=1&a=2` and `a[b]=1` are no texts.

use actix_web::web::Query;
use serde_json::Value;
use vestibule_domain::PasswordRules;

use super::Fields;

impl Fields {
    /// Reads `name=value` pairs; a name that comes twice is an array, one with brackets an object.
    pub(crate) fn of_query(query: &str) -> Self {
        let pairs = Query::<Vec<(String, String)>>::from_query(query).map(Query::into_inner).unwrap_or_default();
        let mut fields: Vec<(String, Value)> = Vec::new();
        for (name, value) in pairs.into_iter().filter(|(name, _)| !name.is_empty()) {
            let (name, value) = match name.split_once('[') {
                Some((base, rest)) if !base.is_empty() && rest.contains(']') => {
                    (base.to_owned(), Value::Object(serde_json::Map::new()))
                }
                _ => (name, Value::String(value)),
            };
            match fields.iter_mut().find(|(known, _)| *known == name) {
                Some((_, first)) => *first = Value::Array(Vec::new()),
                None => fields.push((name, value)),
            }
        }
        // No password comes in a query.
        Self::of_entries(fields, PasswordRules::default())
    }
}
