//! How bodies travel, and the header that stands for a field of one.

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use serde_json::{Map, Value};
use vestibule_domain::PasswordRules;

use super::{RETRY_KEY, Request, parse};
use crate::{
    EgoOptions,
    dialects::ego::errors::Failure,
    shared::{
        body::RawBody,
        single::{Repeated, single},
    },
};

/// The body of a request, still unread: credentials are checked before it.
pub(crate) struct JsonBody {
    raw: RawBody,
    /// What a new password must look like.
    rules: PasswordRules,
    retry_key: Option<Value>,
}

impl FromRequest for JsonBody {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let options = request.app_data::<web::Data<EgoOptions>>();
        let rules = options.map(|options| options.password_rules()).unwrap_or_default();
        ready(Ok(Self { raw: RawBody::take(request, payload), rules, retry_key: None }))
    }
}

impl JsonBody {
    /// The same body with the key of the header, if there is one, as its field.
    pub(crate) fn with(self, RetryKey(retry_key): RetryKey) -> Self {
        Self { retry_key, ..self }
    }

    /// Reads a request, or tells of every field that is wrong.
    pub(crate) async fn read<R: Request>(self) -> Result<R, Failure> {
        let mut body: Map<String, Value> = self.raw.json_object().await?;
        if let Some(retry_key) = self.retry_key {
            body.insert(RETRY_KEY.to_owned(), retry_key);
        }
        parse(body, self.rules)
    }
}

/// The header `Idempotency-Key`, which counts before the field `retryKey`; an empty one is none.
pub(crate) struct RetryKey(Option<Value>);

impl FromRequest for RetryKey {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let header = single(request.headers(), "idempotency-key");
        ready(Ok(Self(match header.map(|key| key.filter(|key| !key.is_empty())) {
            Ok(None) => None,
            // Two keys, and one that is not UTF-8, are no text.
            Err(Repeated) => Some(Value::Bool(false)),
            Ok(Some(key)) => Some(std::str::from_utf8(key.as_bytes()).map_or(Value::Bool(false), Value::from)),
        })))
    }
}
