//! `/openapi.json`, what every enabled dialect answers, and `/docs`, a page to read and try it.

use std::sync::{Arc, OnceLock};

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{self, ContentEncoding},
    },
    web::{self, Bytes},
};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, PathsBuilder};
use utoipa_swagger_ui::Config;

use vestibule_domain::PasswordRules;

use crate::{
    HttpOptions, Site, dialects, health, mailbox,
    problem::{self, mount, problem},
    shared::{
        chapter::{Chapter, Section},
        describe::{Answer, Description},
        reply,
        routes::RouteRow,
        shape::{object, optional, required, text},
    },
};

/// The page's own scripts and styles, and calls to this server.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' \
                           data:; connect-src 'self'; frame-ancestors 'none'";
const PAGE: &str = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Vestibule API</title>\n\
                    <link rel=\"stylesheet\" href=\"/docs/swagger-ui.css\">\n<div id=\"swagger-ui\"></div>\n\
                    <script src=\"/docs/swagger-ui-bundle.js\"></script>\n\
                    <script src=\"/docs/swagger-ui-standalone-preset.js\"></script>\n\
                    <script src=\"/docs/swagger-initializer.js\"></script>\n</html>\n";

/// What belongs to no dialect.
const CHAPTER: Chapter = Chapter { token: None, common: |_, _| problem::common(), segment: |_| None };

/// The description (OpenAPI 3.1) of every enabled dialect, where new passwords have these rules, and of what a program may ask of
/// the server beside them. The pages for people are not in it.
pub fn document(options: &HttpOptions, rules: PasswordRules) -> OpenApi {
    let info = InfoBuilder::new()
        .title("Vestibule")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("One account backend behind the paths and shapes of several existing API documents."))
        .license(Some(LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0")).build()))
        .build();
    let dialects = (options.dialects.as_slice(), rules);
    let written = dialects::describe(dialects, PathsBuilder::new(), ComponentsBuilder::new());
    let own = [Some(health::ROUTES), options.docs.then_some(ROUTES)];
    let (paths, components) = own.into_iter().flatten().fold(written, |(paths, components), rows| {
        CHAPTER.write(&Section { name: "server", rows, prefix: "", rules }, paths, components)
    });
    OpenApiBuilder::new().info(info).paths(paths.build()).components(Some(components.build())).build()
}

/// The rendered description, made for all workers when it is first asked for: a server that is never asked spends no memory.
#[derive(Clone, Default)]
pub(crate) struct Rendered(Arc<OnceLock<Bytes>>);

impl Rendered {
    fn of(&self, options: &HttpOptions, rules: PasswordRules) -> Bytes {
        self.0.get_or_init(|| Bytes::from(document(options, rules).to_json().unwrap_or_default())).clone()
    }
}

const ROUTES: &[RouteRow] = &[
    RouteRow::page("/openapi.json", |route| route.to(show_document)).described(describe_document),
    RouteRow::page("/docs", |route| route.to(show_page)),
    RouteRow::page("/docs/{asset}", |route| route.to(show_asset)),
];

/// The rows of what belongs to no dialect, pages for people among them.
pub fn routes() -> Vec<RouteRow> {
    [health::ROUTES, mailbox::ROUTES, ROUTES].concat()
}

pub(crate) fn configure(cfg: &mut web::ServiceConfig, rendered: &Rendered) {
    cfg.app_data(web::Data::new(rendered.clone()));
    mount(cfg, ROUTES);
}

async fn show_document(rendered: web::Data<Rendered>, site: web::Data<Site>) -> HttpResponse {
    let (rendered, options) = (rendered.as_ref().clone(), Arc::clone(&site.options));
    let rules = site.identity.core().password_rules();
    match web::block(move || rendered.of(&options, rules)).await {
        Ok(body) => reply::written(StatusCode::OK, body),
        Err(_) => problem(StatusCode::SERVICE_UNAVAILABLE, "The description cannot be made now."),
    }
}

fn describe_document() -> Description {
    let example = reply::json(StatusCode::OK, &serde_json::json!({ "openapi": "3.1.0", "info": {}, "paths": {} }));
    let shape = object([
        required("openapi", text().matching(r"^3\.1\.")),
        required("info", object([])),
        required("paths", object([])),
        optional("components", object([])),
    ]);
    let answers = vec![Answer::of("the description", example, shape)];
    Description::new("server_openapi", "Describe what this server answers, as OpenAPI", answers)
}

async fn show_page() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, PAGE_POLICY))
        .body(PAGE)
}

async fn show_asset(asset: web::Path<String>) -> HttpResponse {
    match utoipa_swagger_ui::serve(&asset, Arc::new(Config::from("/openapi.json").deep_linking(true))) {
        Ok(Some(file)) => {
            let mut response = HttpResponse::Ok();
            if file.gzpipped {
                response.insert_header(ContentEncoding::Gzip);
            }
            response.content_type(file.content_type).body(file.bytes.into_owned())
        }
        Ok(None) | Err(_) => problem(StatusCode::NOT_FOUND, "There is no such part of the page."),
    }
}
