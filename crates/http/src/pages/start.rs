//! `/`: what this is, for a person who opens the address in a browser. Programs get what any unknown path gets.

use actix_web::{
    HttpRequest, HttpResponse, guard,
    http::{Method, header},
    web,
};

use super::{page, show};
use crate::{Site, mailbox, shared::accept::prefers_html};

pub(crate) fn configure(cfg: &mut web::ServiceConfig) {
    let is_browser = guard::fn_guard(|context| {
        let head = context.head();
        matches!(head.method, Method::GET | Method::HEAD) && prefers_html(head.headers())
    });
    cfg.service(web::resource("/").guard(is_browser).to(show_start));
}

async fn show_start(site: web::Data<Site>, request: HttpRequest) -> HttpResponse {
    let mailbox = site.identity.core().has_local_mailbox() && mailbox::is_shown_to(&request);
    let on = site.options.dialects.iter().filter(|mount| mount.is_on());
    let dialects: Vec<&str> = on.map(|mount| mount.dialect().name()).collect();
    let mut response = show(render(&dialects, site.options.docs, mailbox));
    response.headers_mut().append(header::VARY, header::HeaderValue::from_static("Accept"));
    response
}

/// Says nothing of the version, of paths, or of anything that depends on accounts.
fn render(dialects: &[&str], docs: bool, mailbox: bool) -> String {
    let dialect = |name: &&str| {
        if docs {
            format!("<li><a href=\"docs#/{name}\"><code>{name}</code></a></li>\n")
        } else {
            format!("<li><code>{name}</code></li>\n")
        }
    };
    let items: String = dialects.iter().map(dialect).collect();
    let dialects = match dialects {
        [] => "<p>It speaks no dialect: all are off.</p>\n".to_owned(),
        _ => format!("<p>The dialects that it speaks:</p>\n<ul>\n{items}</ul>\n"),
    };
    let mailbox = if mailbox {
        "<li><a href=\"dev/mailbox\">The local mailbox</a>, with the mail of this server</li>\n"
    } else {
        ""
    };
    let docs = if docs {
        "<li><a href=\"docs\">The documentation of its interface</a>, to read and try</li>\n\
         <li><a href=\"openapi.json\">The same as OpenAPI</a>, for programs</li>\n"
    } else {
        ""
    };
    let links =
        if docs.is_empty() && mailbox.is_empty() { String::new() } else { format!("<ul>\n{docs}{mailbox}</ul>\n") };
    let body = format!(
        "<p>This is an account backend: programs sign people up and in here. It is running.</p>\n{links}{dialects}"
    );
    page(("en", "Vestibule"), &body)
}
