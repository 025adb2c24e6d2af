//! What clients send. A field of another type than the document's counts as missing; unknown fields are ignored.

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::{Deserialize, de::DeserializeOwned};

use crate::shared::body::{self, BodyError, RawBody};

/// The body of a request, still unread: credentials are checked before it.
pub(super) struct JsonBody(RawBody);

impl FromRequest for JsonBody {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Ok(Self(RawBody::take(request, payload))))
    }
}

impl JsonBody {
    /// Reads a request.
    pub(super) async fn read<R: DeserializeOwned>(self) -> Result<R, BodyError> {
        self.0.json_object().await
    }
}

/// `POST /api/auth/register`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RegisterRequest {
    #[serde(default, deserialize_with = "body::text")]
    pub(super) full_name: Option<String>,
    #[serde(default, deserialize_with = "body::text")]
    pub(super) email: Option<String>,
    #[serde(default, deserialize_with = "body::text")]
    pub(super) password: Option<String>,
}

/// `POST /api/auth/login`.
#[derive(Deserialize)]
pub(super) struct LoginRequest {
    #[serde(default, deserialize_with = "body::text")]
    pub(super) email: Option<String>,
    #[serde(default, deserialize_with = "body::text")]
    pub(super) password: Option<String>,
}

/// `POST /api/auth/forgot-password`.
#[derive(Deserialize)]
pub(super) struct ForgotPasswordRequest {
    #[serde(default, deserialize_with = "body::text")]
    pub(super) email: Option<String>,
}

/// `POST /api/auth/verify-otp`.
#[derive(Deserialize)]
pub(super) struct VerifyOtpRequest {
    #[serde(default, deserialize_with = "body::text")]
    pub(super) email: Option<String>,
    #[serde(default, deserialize_with = "body::text")]
    pub(super) otp: Option<String>,
}

/// `POST /api/auth/reset-password`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResetPasswordRequest {
    #[serde(default, deserialize_with = "body::text")]
    pub(super) reset_token: Option<String>,
    #[serde(default, deserialize_with = "body::text")]
    pub(super) new_password: Option<String>,
}

/// `POST /api/auth/check-registered`.
#[derive(Deserialize)]
pub(super) struct CheckRegisteredRequest {
    #[serde(default, deserialize_with = "body::texts")]
    pub(super) identifiers: Option<Vec<String>>,
}
