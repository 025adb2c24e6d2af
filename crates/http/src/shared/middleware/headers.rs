//! The headers that every answer carries.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::HttpOptions;

/// Two years, subdomains left to the operator.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000");

/// Adds what is not there yet: an answer with a page of its own has set its own policy.
pub(super) fn add_headers(headers: &mut HeaderMap, options: &HttpOptions) {
    let defaults: [(HeaderName, HeaderValue); 4] = [
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    ];
    for (name, value) in defaults {
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    }
    if options.behind_https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
}
