//! The pages that links of mails lead to, at the root, where no front end of the operator's own stands before them.

use actix_web::web::{self, Bytes};

use super::{SCRIPT, page, show};
use crate::{
    Mount,
    problem::mount_page,
    shared::link_page::{Field, LinkPage},
};

/// Mounts the pages of the dialects that are on.
pub(crate) fn configure(cfg: &mut web::ServiceConfig, mounts: &[Mount]) {
    for mount in mounts.iter().filter(|mount| mount.is_on()) {
        for link in mount.dialect().link_pages {
            let html = Bytes::from(render(link, mount.prefix()));
            mount_page(cfg, link.path, move || show(html.clone()));
        }
    }
}

fn render(link: &LinkPage, prefix: &str) -> String {
    let LinkPage { path, method, door, query, fields, words } = link;
    // The path up to its first parameter.
    let page_path = path.split_once("/{").map_or(*path, |(before, _)| before);
    let field = |(name, field, label): &(&str, Field, &str)| {
        let (kind, autocomplete) = match field {
            Field::Email => ("email", "username"),
            Field::Password => ("password", "current-password"),
            Field::NewPassword => ("password", "new-password"),
        };
        format!(
            "<label>{label}<input name=\"{name}\" type=\"{kind}\" autocomplete=\"{autocomplete}\" required></label>\n"
        )
    };
    let fields: String = fields.iter().map(field).collect();
    let query = query.map(|name| format!(" data-query=\"{name}\"")).unwrap_or_default();
    let (title, done, lost, no_script) = (words.title, words.done, words.lost, words.no_script);
    let body = format!(
        "<noscript><p>{no_script}</p></noscript>\n<form method=\"post\" data-page=\"{page_path}\" \
         data-door=\"{prefix}{door}\" data-method=\"{method}\"{query} data-done=\"{done}\" data-lost=\"{lost}\">\n\
         {fields}<button>{title}</button>\n</form>\n<p role=\"status\"></p>\n<script>{SCRIPT}</script>\n"
    );
    page((words.lang, title), &body)
}
