//! Answers in JSON.

use actix_web::{
    HttpResponse,
    body::MessageBody,
    http::{StatusCode, header},
};
use serde::Serialize;

/// An answer whose body is JSON, with its charset as older clients want it.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> HttpResponse {
    match serde_json::to_vec(body) {
        Ok(bytes) => written(status, bytes),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// The same for a body that is already written.
pub(crate) fn written(status: StatusCode, json: impl MessageBody + 'static) -> HttpResponse {
    HttpResponse::build(status).insert_header((header::CONTENT_TYPE, "application/json; charset=utf-8")).body(json)
}

/// The same answer, with the seconds after which to try again.
pub(crate) fn with_retry_after(mut response: HttpResponse, seconds: Option<u64>) -> HttpResponse {
    if let Some(seconds) = seconds {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}
