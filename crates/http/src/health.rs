//! `/health/live` and `/health/ready`, for orchestrators and load balancers.

use actix_web::{HttpResponse, http::StatusCode, web};
use serde::Serialize;
use vestibule_application::operations::Readiness;

use crate::{
    Site,
    problem::mount,
    shared::{
        describe::{Answer, Description},
        reply,
        routes::RouteRow,
        shape::{Shape, count, exactly, object, one_of, optional, required},
    },
};

/// Seconds after which a store may be back.
const RETRY_SECONDS: u64 = 5;

/// What readiness says, as JSON. Anyone may read it: nothing in it may depend on accounts or their mail.
#[derive(Debug, Serialize)]
struct ReadyReport {
    /// `ready` or `unready`.
    status: &'static str,
    /// `ok` or `unavailable`.
    store: &'static str,
    /// `another` if the store is used with another secret than that of this node.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'static str>,
    /// Steps of the schema that are still to be applied; absent while the store is unavailable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_migrations: Option<usize>,
}

/// The routes of this page.
pub(crate) const ROUTES: &[RouteRow] = &[
    RouteRow::page("/health/live", |route| route.to(live)).described(describe_live),
    RouteRow::page("/health/ready", |route| route.to(ready)).described(describe_ready),
];

pub(crate) fn configure(cfg: &mut web::ServiceConfig) {
    mount(cfg, ROUTES);
}

async fn live() -> HttpResponse {
    is_live()
}

fn is_live() -> HttpResponse {
    reply::json(StatusCode::OK, &serde_json::json!({ "status": "live" }))
}

async fn ready(site: web::Data<Site>) -> HttpResponse {
    match site.identity.readiness().await {
        Ok(readiness) if readiness.is_ready() && !site.leaving.is_announced() => {
            reply::json(StatusCode::OK, &report("ready", readiness))
        }
        Ok(readiness) => unready(&report("unready", readiness)),
        Err(error) => {
            // The server watches the store, and tells of an outage once.
            tracing::debug!(error = %vestibule_application::chain(&error), "the store is not ready");
            unready(&ReadyReport { status: "unready", store: "unavailable", secret: None, pending_migrations: None })
        }
    }
}

fn unready(report: &ReadyReport) -> HttpResponse {
    reply::with_retry_after(reply::json(StatusCode::SERVICE_UNAVAILABLE, report), Some(RETRY_SECONDS))
}

fn report(status: &'static str, readiness: Readiness) -> ReadyReport {
    let secret = (!readiness.is_our_secret).then_some("another");
    ReadyReport { status, store: "ok", secret, pending_migrations: Some(readiness.pending_migrations) }
}

fn describe_live() -> Description {
    let shape = object([required("status", exactly("live"))]);
    let answers = vec![Answer::of("the process runs", is_live(), shape)];
    Description::new("health_live", "Tell that the process runs; nothing is asked of the store", answers)
}

fn describe_ready() -> Description {
    let judged = |pending_migrations, is_our_secret| Readiness { pending_migrations, is_our_secret };
    let ready = reply::json(StatusCode::OK, &report("ready", judged(0, true)));
    let behind = unready(&report("unready", judged(1, true)));
    let another = unready(&report("unready", judged(0, false)));
    let away =
        unready(&ReadyReport { status: "unready", store: "unavailable", secret: None, pending_migrations: None });
    let answers = vec![
        Answer::of("requests are served", ready, shape("ready")),
        Answer::of("the schema is behind, or the server is about to leave", behind, shape("unready")),
        Answer::of("the store is used with another secret", another, shape("unready")),
        Answer::of("the store does not answer, or takes no writes", away, shape("unready")),
    ];
    Description::new("health_ready", "Tell whether requests can be served, for load balancers", answers)
}

fn shape(status: &'static str) -> Shape {
    object([
        required("status", exactly(status)),
        required("store", one_of(["ok", "unavailable"])),
        optional("secret", exactly("another")),
        optional("pending_migrations", count()),
    ])
}
