//! An id, a time limit, headers, one log line and two metrics a request.

use std::time::{Duration, Instant};

use actix_web::{
    HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
    rt::time::timeout,
    web,
};
use tracing::Instrument;

use super::{
    RequestIds,
    headers::add_headers,
    request_id,
    unread::{Answer, HeldBody},
};
use crate::{RequestLimits, Site, app::refuse};

const REQUEST_ID: HeaderName = HeaderName::from_static(request_id::HEADER);

/// Gives the request its id, adds the headers, counts it and writes its log line. The line has the route's pattern,
/// never the path, since a path may carry a token.
pub(crate) async fn observe<B: MessageBody + Unpin>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<impl MessageBody + use<B>>, actix_web::Error> {
    let began = Instant::now();
    let held = HeldBody::of(&mut request);
    let Some((site, ids)) = request.app_data::<web::Data<Site>>().cloned().zip(request.app_data::<RequestIds>()) else {
        return Ok(next.call(request).await?.map_body(|_, body| Answer::new(body, held)));
    };
    let id = ids.id_of(&request, &site.options);
    // On the highest level, so that whatever is logged has the id, even where only errors are.
    let span = tracing::error_span!("request", id = id.to_str().unwrap_or_default());
    let (method, path) = (request.method().clone(), request.path().to_owned());
    let answered =
        timeout(time_limit(&request, &site.options.requests), next.call(request).instrument(span.clone())).await;
    let _entered = span.enter();
    match answered {
        Ok(Ok(mut response)) => {
            dress(response.response_mut().headers_mut(), id, &site);
            let route = response.request().match_pattern();
            record(method.as_str(), route, response.status(), began.elapsed());
            Ok(response.map_body(|_, body| Answer::new(body, held)))
        }
        Ok(Err(error)) => {
            record(method.as_str(), None, error.as_response_error().status_code(), began.elapsed());
            Err(error)
        }
        Err(_) => {
            let mut response = refuse(&site, &path, StatusCode::SERVICE_UNAVAILABLE);
            dress(response.headers_mut(), id, &site);
            record(method.as_str(), None, response.status(), began.elapsed());
            Err(timed_out(response))
        }
    }
}

/// What was not committed when the time is over has left nothing.
fn timed_out(response: HttpResponse) -> actix_web::Error {
    InternalError::from_response("the request took too long", response).into()
}

fn time_limit(request: &ServiceRequest, limits: &RequestLimits) -> Duration {
    let headers = request.headers();
    let has_body = headers.contains_key(header::TRANSFER_ENCODING)
        || headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0");
    limits.handler_time + if has_body { limits.body_time } else { Duration::ZERO }
}

fn dress(headers: &mut header::HeaderMap, id: HeaderValue, site: &Site) {
    add_headers(headers, &site.options);
    headers.insert(REQUEST_ID, id);
}

fn record(method: &str, route: Option<String>, status: StatusCode, elapsed: Duration) {
    let route = route.unwrap_or_else(|| "unmatched".to_owned());
    let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
    tracing::info!(method, route, status = status.as_u16(), micros, "answered");
    let labels = [("method", label_of(method).into()), ("route", route), ("status", status.as_str().to_owned())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", &labels).record(elapsed.as_secs_f64());
}

/// A client may make up methods without end; the metrics know those that some route may have.
fn label_of(method: &str) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method).unwrap_or("OTHER")
}
