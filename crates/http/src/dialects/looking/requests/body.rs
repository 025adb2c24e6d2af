//! How bodies travel.

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use vestibule_domain::PasswordRules;

use super::{Fields, Request};
use crate::{Site, dialects::looking::errors::Failure, shared::body::RawBody};

/// The body of a request, still unread: credentials are checked before it.
pub(crate) struct JsonBody {
    raw: RawBody,
    /// What a new password must look like.
    rules: PasswordRules,
}

impl FromRequest for JsonBody {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let site = request.app_data::<web::Data<Site>>();
        let rules = site.map(|site| site.identity.core().password_rules()).unwrap_or_default();
        ready(Ok(Self { raw: RawBody::take(request, payload), rules }))
    }
}

impl JsonBody {
    /// Reads a request, or tells what is wrong first. The content type does not matter.
    pub(crate) async fn read<R: Request>(self) -> Result<R, Failure> {
        R::read(&Fields::new(self.raw.json_object().await?), self.rules)
    }
}
