//! How bodies travel: JSON whatever the content type says, if there is a content type at all.

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

use super::{
    Request,
    validation::{Document, Fields},
};
use crate::{
    Site,
    dialects::mern::errors::Failure,
    shared::{body::RawBody, charset},
};

/// The body of a request, still unread: credentials and rights are checked before it.
pub(crate) struct JsonBody {
    raw: RawBody,
    headers: Headers,
    /// What a new password must look like.
    rules: PasswordRules,
}

/// What the headers say of a body.
struct Headers {
    has_type: bool,
    /// One that is not taken.
    charset: Option<String>,
    encoding: Option<String>,
}

impl FromRequest for JsonBody {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let headers = Headers::read(request.headers());
        let site = request.app_data::<web::Data<Site>>();
        let rules = site.map(|site| site.identity.core().password_rules()).unwrap_or_default();
        ready(Ok(Self { raw: RawBody::take(request, payload), headers, rules }))
    }
}

impl JsonBody {
    /// Reads and validates a request.
    pub(crate) async fn read<R: Request>(self) -> Result<R, Failure> {
        let rules = self.rules;
        Ok(R::read(&mut Fields::of(self.document().await?, rules)?)?)
    }

    async fn document(self) -> Result<Document, Failure> {
        if !self.headers.has_type {
            return Ok(Document::EMPTY);
        }
        if let Some(charset) = self.headers.charset {
            return Err(Failure::unsupported_charset(&charset));
        }
        if let Some(encoding) = self.headers.encoding {
            return Err(Failure::unsupported_encoding(&encoding));
        }
        let bytes = self.raw.json_bytes().await?;
        if bytes.is_empty() {
            return Ok(Document::EMPTY);
        }
        Document::parse(&bytes).map_err(|_| Failure::INVALID_JSON)
    }
}

impl Headers {
    fn read(headers: &HeaderMap) -> Self {
        // Of a repeated header no line may be one that is refused.
        let texts = |name| headers.get_all(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
        Self {
            has_type: headers.contains_key(header::CONTENT_TYPE),
            charset: texts(header::CONTENT_TYPE)
                .filter_map(|content_type| charset::named(&content_type))
                .find(|charset| !charset.starts_with("UTF-") || charset::is_wide_name(charset)),
            encoding: texts(header::CONTENT_ENCODING)
                .map(|encoding| encoding.trim().to_lowercase())
                .find(|encoding| encoding != "identity"),
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    async fn read(request: TestRequest) -> Result<Document, Failure> {
        let (request, mut payload) = request.to_http_parts();
        JsonBody::from_request(&request, &mut payload).await.unwrap().document().await
    }

    fn typed(content_type: &str, body: impl Into<String>) -> TestRequest {
        TestRequest::post().insert_header((header::CONTENT_TYPE, content_type)).set_payload(body.into())
    }

    #[actix_web::test]
    async fn without_a_content_type_or_a_body_it_is_an_empty_object() {
        assert_eq!(read(TestRequest::post().set_payload("{\"a\":1}")).await, Ok(Document::EMPTY));
        assert_eq!(read(typed("application/json", "")).await, Ok(Document::EMPTY));
    }

    #[actix_web::test]
    async fn the_content_type_does_not_matter_but_its_charset_does() {
        for content_type in ["text/plain", "application/x-www-form-urlencoded", "x", "a/b; Charset=\"utf-8\""] {
            assert_eq!(read(typed(content_type, "[]")).await, Ok(Document::Array), "{content_type}");
        }
        let refused = read(typed("application/json; charset=latin1", "{}")).await.unwrap_err();
        assert_eq!(refused.to_string(), "unsupported charset \"LATIN1\"");
        let second =
            typed("application/json; charset=utf-8", "{}").append_header(("Content-Type", "a/b;charset=latin1"));
        assert_eq!(read(second).await.unwrap_err().to_string(), "unsupported charset \"LATIN1\"");
    }

    #[actix_web::test]
    async fn an_encoding_is_refused() {
        let request = typed("application/json", "{}").insert_header((header::CONTENT_ENCODING, "GZip"));
        assert_eq!(read(request).await.unwrap_err().to_string(), "unsupported content encoding \"gzip\"");
        let identity = || typed("application/json", "{}").insert_header((header::CONTENT_ENCODING, "identity"));
        assert_eq!(read(identity()).await, Ok(Document::EMPTY));
        let second = identity().append_header((header::CONTENT_ENCODING, "br"));
        assert_eq!(read(second).await.unwrap_err().to_string(), "unsupported content encoding \"br\"");
    }

    #[actix_web::test]
    async fn what_is_too_large_too_deep_or_no_json_is_refused() {
        let large = format!("{{\"a\":\"{}\"}}", "x".repeat(100 * 1_024));
        assert_eq!(read(typed("a/b", large)).await, Err(Failure::BODY_TOO_LARGE));
        for json in ["{", "1", "null", "\"a\"", &"[".repeat(10_000), "\u{feff}\u{feff}{}"] {
            assert_eq!(read(typed("a/b", json)).await, Err(Failure::INVALID_JSON), "{json}");
        }
    }
}
