//! An id, a time limit, headers, one log line and two metrics a request.

use std::time::{Duration, Instant};

use actix_web::{
    HttpMessage, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        Method, StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};
use tracing::Instrument;

use super::{
    RequestIdValue, RequestIds,
    headers::add_headers,
    request_id,
    time_limit::{TimeLimit, TooLong},
    unread::{Answer, HeldBody},
};
use crate::{Site, app::refuse, shared::source::address_of};

const REQUEST_ID: HeaderName = HeaderName::from_static(request_id::HEADER);
/// The status of a request whose client went away, in the log and the metrics: nobody gets it.
const CLIENT_GONE: u16 = 499;

/// Gives the request its id, adds the headers, counts it and writes its log line. The line has the route's pattern,
/// never the path, since a path may carry a token.
pub(crate) async fn observe<B: MessageBody + Unpin>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<impl MessageBody + use<B>>, actix_web::Error> {
    let held = HeldBody::of(&mut request);
    let Some((site, ids)) = request.app_data::<web::Data<Site>>().cloned().zip(request.app_data::<RequestIds>()) else {
        return Ok(next.call(request).await?.map_body(|_, body| Answer::new(body, held)));
    };
    let id = ids.id_of(&request, &site.options);
    request.extensions_mut().insert(RequestIdValue(id.clone()));
    // On the highest level, so that whatever is logged has the id, even where only errors are.
    let client = address_of(request.request());
    let span = tracing::error_span!("request", id = id.to_str().unwrap_or_default(), %client);
    let observed = async move {
        let (exchange, method) = (Exchange::begin(&request), request.method().clone());
        let path = request.path().to_owned();
        match TimeLimit::of(&request, site.options.requests).hold(next.call(request)).await {
            Ok(Ok(mut response)) => {
                dress(response.response_mut().headers_mut(), id, &site);
                // A path whose case was folded or whose slash was trimmed has its route only now.
                let is_as_it_came = response.request().path() == path;
                let route = if is_as_it_came { None } else { response.request().match_pattern() };
                exchange.end(route, response.status());
                Ok(response.map_body(|_, body| Answer::new(body, held)))
            }
            Ok(Err(error)) => {
                exchange.end(None, error.as_response_error().status_code());
                Err(error)
            }
            Err(TooLong) => {
                let mut response = refuse(&site, (&method, &path), StatusCode::SERVICE_UNAVAILABLE);
                dress(response.headers_mut(), id, &site);
                exchange.end(None, response.status());
                Err(timed_out(response))
            }
        }
    };
    observed.instrument(span).await
}

/// What was not committed when the time is over has left nothing.
fn timed_out(response: HttpResponse) -> actix_web::Error {
    InternalError::from_response("the request took too long", response).into()
}

fn dress(headers: &mut header::HeaderMap, id: HeaderValue, site: &Site) {
    add_headers(headers, &site.options);
    headers.insert(REQUEST_ID, id);
}

/// A request on its way to its answer. The server drops it when the client goes away before: that is recorded too.
struct Exchange {
    method: Method,
    route: Option<String>,
    began: Instant,
    answered: bool,
}

impl Exchange {
    fn begin(request: &ServiceRequest) -> Self {
        Self {
            method: request.method().clone(),
            route: request.match_pattern(),
            began: Instant::now(),
            answered: false,
        }
    }

    /// Records the answer; the route only if another was found in the end than at the beginning.
    fn end(mut self, route: Option<String>, status: StatusCode) {
        self.answered = true;
        self.record(route, status.as_u16());
    }

    fn record(&mut self, route: Option<String>, status: u16) {
        let route = route.or_else(|| self.route.take()).unwrap_or_else(|| "unmatched".to_owned());
        record(self.method.as_str(), route, status, self.began.elapsed());
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if !self.answered {
            self.record(None, CLIENT_GONE);
        }
    }
}

fn record(method: &str, route: String, status: u16, elapsed: Duration) {
    let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
    // Balancers ask without end.
    if route.starts_with("/health/") {
        tracing::debug!(method, route, status, micros, "answered");
    } else {
        tracing::info!(method, route, status, micros, "answered");
    }
    let labels = [("method", label_of(method).into()), ("route", route), ("status", status.to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", &labels).record(elapsed.as_secs_f64());
}

/// A client may make up methods without end; the metrics know those that some route may have.
fn label_of(method: &str) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method).unwrap_or("OTHER")
}
