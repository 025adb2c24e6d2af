//! Answers at paths that no dialect owns: `application/problem+json` (RFC 9457).

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};

use crate::shared::{faults::OUTAGE_SECONDS, reply};

/// A problem of the general type `about:blank`, whose title is the status's phrase, with one sentence of detail. One
/// that passes says when to come back.
pub(crate) fn problem(status: StatusCode, detail: &str) -> HttpResponse {
    let title = status.canonical_reason().unwrap_or("Error");
    let response = HttpResponse::build(status).insert_header((header::CONTENT_TYPE, "application/problem+json")).body(
        serde_json::json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail })
            .to_string(),
    );
    let retry_after = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(OUTAGE_SECONDS);
    reply::with_retry_after(response, retry_after)
}
