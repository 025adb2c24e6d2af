//! `/dev/mailbox`: the local mailbox as a page and as JSON, only where no mail server is configured.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header, uri::Authority},
    web,
};
use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use vestibule_application::{Fault, chain};
use vestibule_domain::{EmailAddress, mail::ReceivedMail};

use crate::{
    Site,
    problem::{mount, problem},
    shared::{reply, routes::RouteRow, single::single},
};

/// A page with its own style, and nothing else.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

#[derive(Debug, Deserialize)]
struct MailboxQuery {
    to: Option<String>,
}

/// A mail, as JSON.
#[derive(Debug, Serialize)]
struct Message<'a> {
    id: String,
    to: &'a str,
    from: &'a str,
    subject: &'a str,
    text: &'a str,
    html: &'a str,
    received_at: String,
}

/// The routes of this page.
pub(crate) const ROUTES: &[RouteRow] = &[
    RouteRow::page("/dev/mailbox", |route| route.to(show_mailbox)),
    RouteRow::page("/dev/mailbox/messages", |route| route.to(list_mailbox)),
];

pub(crate) fn configure(cfg: &mut web::ServiceConfig) {
    mount(cfg, ROUTES);
}

async fn list_mailbox(site: web::Data<Site>, request: HttpRequest) -> HttpResponse {
    match read(&site, &request).await {
        Ok(mails) => reply::json(StatusCode::OK, &mails.iter().map(message).collect::<Vec<_>>()),
        Err(refusal) => refusal,
    }
}

async fn show_mailbox(site: web::Data<Site>, request: HttpRequest) -> HttpResponse {
    match read(&site, &request).await {
        Ok(mails) => HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .insert_header((header::CONTENT_SECURITY_POLICY, PAGE_POLICY))
            .body(page(&mails)),
        Err(refusal) => refusal,
    }
}

async fn read(site: &Site, request: &HttpRequest) -> Result<Vec<ReceivedMail>, HttpResponse> {
    if !is_shown_to(request) {
        let detail = "The local mailbox is only shown to this machine, under a name such as localhost or 127.0.0.1.";
        return Err(problem(StatusCode::FORBIDDEN, detail));
    }
    let query = web::Query::<MailboxQuery>::from_query(request.query_string()).ok();
    let to = query.and_then(|query| query.to.as_deref().map(EmailAddress::parse).transpose().ok());
    let refusal = || problem(StatusCode::BAD_REQUEST, "The parameter `to` is not one e-mail address.");
    let to = to.ok_or_else(refusal)?;
    site.identity.list_mailbox(to.as_ref()).await.map_err(|fault: Fault| {
        tracing::error!(error = %chain(&fault), "the local mailbox cannot be read");
        problem(StatusCode::SERVICE_UNAVAILABLE, "The store does not answer.")
    })
}

/// Whether the one who asks may see the mail: a browser on this machine.
pub(crate) fn is_shown_to(request: &HttpRequest) -> bool {
    is_called_by_local_name(request) && !was_forwarded(request)
}

/// A page of a stranger can point a name of its own at this machine (DNS rebinding): such a name is refused. Only what
/// the browser itself writes counts; a forwarding header is anybody's.
fn is_called_by_local_name(request: &HttpRequest) -> bool {
    let host = single(request.headers(), header::HOST).ok().flatten().and_then(|host| host.to_str().ok());
    let Some(Ok(authority)) = host.map(str::parse::<Authority>) else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A proxy on this machine calls by a local name for whoever called it, and most say so: the codes of all accounts are
/// nothing to show to the world because the mail server was forgotten.
fn was_forwarded(request: &HttpRequest) -> bool {
    ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"]
        .iter()
        .any(|name| request.headers().contains_key(*name))
}

fn message(received: &ReceivedMail) -> Message<'_> {
    let ReceivedMail { mail, from, received_at } = received;
    Message {
        id: mail.id.hex(),
        to: mail.to.as_str(),
        from,
        subject: &mail.content.subject,
        text: &mail.content.text,
        html: &mail.content.html,
        received_at: received_at.format(&Rfc3339).unwrap_or_default(),
    }
}

/// The plain page: each mail's head and text, newest first.
fn page(mails: &[ReceivedMail]) -> String {
    let article = |received| {
        let Message { to, subject, text, received_at, .. } = message(received);
        let (subject, to, text) = (escape(subject), escape(to), escape(text));
        format!(
            "<article><h2>{subject}</h2><p>to <b>{to}</b>, <time>{received_at}</time></p><pre>{text}</pre></article>\n"
        )
    };
    let body = match mails {
        [] => "<p>No mail yet. What the server would send appears here.</p>".to_owned(),
        mails => mails.iter().map(article).collect(),
    };
    format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"5\">\
         <title>Local mailbox</title>\n<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem \
         auto;padding:0 1rem}}article{{border:1px solid #bbb;border-radius:6px;padding:0 1rem;margin:1rem \
         0}}pre{{white-space:pre-wrap}}</style>\n<h1>Local mailbox</h1>\n{body}</html>\n"
    )
}

fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, character| {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
        escaped
    })
}
