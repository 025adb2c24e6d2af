//! Answers at paths that no dialect owns: `application/problem+json` (RFC 9457).

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
    web,
};

use crate::shared::{
    describe::Answer,
    faults::OUTAGE_SECONDS,
    reply,
    routes::RouteRow,
    shape::{Shape, exactly, object, required, text, whole},
    table::{self, Table, refuse_method},
};

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

/// Mounts a table that is of no dialect.
pub(crate) fn mount(cfg: &mut web::ServiceConfig, rows: &'static [RouteRow]) {
    let other_methods = |_, allow| refuse_method(wrong_method, allow);
    table::mount(cfg, &[Table { prefix: "", rows, rowless: &[], other_methods }]);
}

/// Mounts a page that has no row, since what it shows is known only here.
pub(crate) fn mount_page(cfg: &mut web::ServiceConfig, path: &str, show: impl Fn() -> HttpResponse + Clone + 'static) {
    let show = move || {
        let response = show();
        async { response }
    };
    let allow = HeaderValue::from_static("GET, HEAD");
    let resource = web::resource(path).route(web::get().to(show.clone())).route(web::head().to(show));
    cfg.service(resource.default_service(refuse_method(wrong_method, allow)));
}

/// What every path that no dialect owns answers beside its own cases, for the description.
pub(crate) fn common() -> Vec<Answer> {
    let away = problem(StatusCode::SERVICE_UNAVAILABLE, "The request took too long.");
    vec![
        Answer::of("another method; `Allow` names the right ones", wrong_method(), shape()),
        Answer::of("overloaded; `Retry-After` says when", away, shape()),
    ]
}

fn shape() -> Shape {
    object([
        required("type", exactly("about:blank")),
        required("title", text()),
        required("status", whole().at_least(400).at_most(599)),
        required("detail", text()),
    ])
}

fn wrong_method() -> HttpResponse {
    problem(StatusCode::METHOD_NOT_ALLOWED, "This path does not take this method.")
}
