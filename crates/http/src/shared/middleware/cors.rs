//! Which pages of others may call from a browser.

use actix_cors::{Cors, CorsError};
use actix_web::{
    Error,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::StatusCode,
    middleware::Next,
    web,
};

use crate::{HttpOptions, Site, app::refuse};

/// Exactly the configured origins may call from a browser, without cookies.
pub(crate) fn cors(options: &HttpOptions) -> Cors {
    options
        .cors_origins
        .iter()
        .fold(Cors::default(), |cors, origin| cors.allowed_origin(origin))
        .allow_any_method()
        .allow_any_header()
        .expose_headers(["x-request-id", "retry-after", "x-has-more", "x-total-count"])
        .max_age(3_600)
}

/// The library of [`cors`] refuses a preflight in a plain text of its own: here it gets the words of the path's dialect.
pub(crate) async fn refuse_preflight<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let response = next.call(request).await?;
    let is_refused = response.response().error().is_some_and(|error| error.as_error::<CorsError>().is_some());
    let site = response.request().app_data::<web::Data<Site>>().filter(|_| is_refused);
    let asked = (response.request().method(), response.request().path());
    let Some(refusal) = site.map(|site| refuse(site, asked, StatusCode::BAD_REQUEST)) else {
        return Ok(response.map_into_left_body());
    };
    Ok(response.into_response(refusal).map_into_right_body())
}
