//! The claims of tokens, between the structs of a dialect and what the signer takes.

use serde::{Serialize, de::DeserializeOwned};
use vestibule_application::Claims;

/// The claims as the signer takes them; a struct of texts and numbers is always an object.
pub(crate) fn write(claims: &impl Serialize) -> Claims {
    match serde_json::to_value(claims) {
        Ok(serde_json::Value::Object(claims)) => claims,
        Ok(_) | Err(_) => Claims::new(),
    }
}

/// The claims of a token, if they are those of its kind.
pub(crate) fn read<T: DeserializeOwned>(claims: Claims) -> Option<T> {
    serde_json::from_value(claims.into()).ok()
}
