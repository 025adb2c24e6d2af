//! The whole of the HTTP side as one service.

use actix_web::{
    App, HttpRequest, HttpResponse,
    body::MessageBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    http::{Method, StatusCode},
    middleware::{Condition, NormalizePath, from_fn},
    web,
};
use vestibule_application::TokenKey;

use crate::{
    Site, dialects, health, mailbox, openapi, pages,
    problem::problem,
    shared::{
        gate::Gate,
        middleware::{RequestIds, cors, fold_case, observe, refuse_preflight},
        readers::Readers,
    },
};

/// What every worker of the server builds its own service from.
#[derive(Clone)]
pub struct Service {
    site: web::Data<Site>,
    ids: RequestIds,
    gate: Gate,
    readers: Readers,
    description: openapi::Rendered,
}

/// Prepares the service of a site.
pub fn service(site: Site) -> Service {
    let ids = RequestIds::new(site.identity.core().nonce());
    Service {
        site: web::Data::new(site),
        ids,
        gate: Gate::default(),
        readers: Readers::default(),
        description: openapi::Rendered::default(),
    }
}

/// The keys that the tokens of all dialects are signed with.
pub fn token_keys() -> Vec<TokenKey> {
    dialects::token_keys()
}

impl Service {
    /// Builds the application of one worker.
    pub fn build(
        &self,
    ) -> App<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<impl MessageBody + use<>>,
            Error = actix_web::Error,
            InitError = (),
        > + use<>,
    > {
        let options = &self.site.options;
        let has_origins = !options.cors_origins.is_empty();
        App::new()
            .app_data(self.site.clone())
            .app_data(self.ids.clone())
            .app_data(self.gate.clone())
            .app_data(self.readers.clone())
            .configure(|cfg| self.mount(cfg))
            .default_service(web::to(not_found))
            .wrap(from_fn(fold_case))
            .wrap(NormalizePath::trim())
            .wrap(Condition::new(has_origins, cors(options)))
            .wrap(Condition::new(has_origins, from_fn(refuse_preflight)))
            .wrap(from_fn(observe))
    }

    fn mount(&self, cfg: &mut web::ServiceConfig) {
        health::configure(cfg);
        if self.site.options.docs {
            openapi::configure(cfg, &self.description);
        }
        if self.site.identity.core().has_local_mailbox() {
            mailbox::configure(cfg);
        }
        dialects::configure(cfg, &self.site.options.dialects);
        pages::start::configure(cfg);
        pages::links::configure(cfg, &self.site.options.dialects);
    }
}

/// Refuses a request in the words of the dialect that owns its path, whether or not it has come as far as the router.
pub(crate) fn refuse(site: &Site, (method, path): (&Method, &str), status: StatusCode) -> HttpResponse {
    dialects::refuse(&site.options.dialects, method, &as_routed(site, path), status).unwrap_or_else(|| {
        let detail = match status {
            StatusCode::NOT_FOUND => "There is nothing at this path.",
            StatusCode::SERVICE_UNAVAILABLE => "The request took too long.",
            _ => "The request cannot be served.",
        };
        problem(status, detail)
    })
}

/// The path that the router looks for: without what [`NormalizePath`] drops, in the case of its dialect's table.
fn as_routed(site: &Site, path: &str) -> String {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    let path = segments.fold(String::with_capacity(path.len()), |path, segment| path + "/" + segment);
    dialects::fold_case(&site.options.dialects, &path).unwrap_or(path)
}

async fn not_found(site: web::Data<Site>, request: HttpRequest) -> HttpResponse {
    refuse(&site, (request.method(), request.path()), StatusCode::NOT_FOUND)
}
