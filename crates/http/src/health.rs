//! `/health/live` and `/health/ready`, for orchestrators and load balancers.

use actix_web::{HttpResponse, http::header, web};
use serde::Serialize;
use vestibule_application::operations::Readiness;

use crate::Site;

/// What readiness says, as JSON.
#[derive(Debug, Serialize)]
struct ReadyReport {
    /// `ready` or `unready`.
    status: &'static str,
    /// `ok` or `unavailable`.
    store: &'static str,
    /// Steps of the schema that are still to be applied; absent while the store is unavailable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_migrations: Option<usize>,
    /// The outbox; absent while it cannot be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    outbox: Option<OutboxReport>,
}

#[derive(Debug, Serialize)]
struct OutboxReport {
    waiting: u64,
    oldest_seconds: u64,
    dead: u64,
}

pub(crate) fn configure(cfg: &mut web::ServiceConfig) {
    cfg.route("/health/live", web::get().to(live)).route("/health/ready", web::get().to(ready));
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "live" }))
}

async fn ready(site: web::Data<Site>) -> HttpResponse {
    match site.app.readiness().await {
        Ok(readiness) if readiness.is_ready() => HttpResponse::Ok().json(report("ready", readiness)),
        Ok(readiness) => unready().json(report("unready", readiness)),
        Err(error) => {
            tracing::warn!(error = %crate::shared::middleware::chain(&error), "the store does not answer");
            unready().json(ReadyReport {
                status: "unready",
                store: "unavailable",
                pending_migrations: None,
                outbox: None,
            })
        }
    }
}

fn unready() -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::ServiceUnavailable();
    response.insert_header((header::RETRY_AFTER, "5"));
    response
}

fn report(status: &'static str, readiness: Readiness) -> ReadyReport {
    let Readiness { pending_migrations, outbox, oldest_mail_seconds } = readiness;
    ReadyReport {
        status,
        store: "ok",
        pending_migrations: Some(pending_migrations),
        outbox: Some(OutboxReport { waiting: outbox.waiting, oldest_seconds: oldest_mail_seconds, dead: outbox.dead }),
    }
}
