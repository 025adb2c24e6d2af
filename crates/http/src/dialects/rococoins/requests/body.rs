//! How bodies travel.

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderMap},
    web,
};
use vestibule_domain::PasswordRules;

use super::{Fields, Request};
use crate::{
    Site,
    dialects::rococoins::errors::Failure,
    shared::{body::RawBody, upload::Upload},
};

/// The body of a request, still unread: credentials are checked before it.
pub(crate) struct JsonBody {
    raw: RawBody,
    is_json: bool,
    /// What a new password must look like.
    rules: PasswordRules,
}

impl FromRequest for JsonBody {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let site = request.app_data::<web::Data<Site>>();
        let rules = site.map(|site| site.identity.core().password_rules()).unwrap_or_default();
        ready(Ok(Self { raw: RawBody::take(request, payload), is_json: is_json(request.headers()), rules }))
    }
}

impl JsonBody {
    /// Reads a request, or tells what is wrong first.
    pub(crate) async fn read<R: Request>(self) -> Result<R, Failure> {
        if !self.is_json {
            return Err(Failure::UNSUPPORTED_TYPE);
        }
        R::read(&Fields::new(self.raw.json_object().await?), self.rules)
    }
}

/// A form with a file, still unread.
pub(crate) struct FileBody(pub(crate) Upload);

impl FromRequest for FileBody {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Ok(Self(Upload::take(request, payload))))
    }
}

/// Whether a body is said to be JSON; one of which nothing is said is taken for it.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return true };
    let Ok(value) = value.to_str() else { return false };
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn json_is_known_by_its_content_type() {
        for (value, expected) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/merge-patch+json", true),
            ("", false),
            ("text/plain", false),
            ("multipart/form-data; boundary=x", false),
            ("application/x-www-form-urlencoded", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(value));
            assert_eq!(is_json(&headers), expected, "{value}");
        }
        assert!(is_json(&HeaderMap::new()));
    }
}
