//! The wire dialects: one folder each with the same rooms, none of which imports another.
//!
//! Outside its folder a dialect is one [`Dialect`], listed in [`ALL`]; nothing else names it.

pub(crate) mod contacts;
mod dialect;
pub(crate) mod ego;
pub(crate) mod looking;
pub(crate) mod mern;
pub(crate) mod rococoins;

use std::cmp::Reverse;

use actix_web::{
    HttpResponse,
    http::{Method, StatusCode},
    web,
};
pub use dialect::{Dialect, DialectSettings, Mount};
use utoipa::openapi::{ComponentsBuilder, PathsBuilder};
use vestibule_application::TokenKey;
use vestibule_domain::PasswordRules;

use crate::shared::{
    chapter::Section,
    routes::RouteRow,
    table::{self, has_path, has_row},
};

/// Every dialect, in the order of the documents.
pub const ALL: &[&Dialect] =
    &[&contacts::DIALECT, &mern::DIALECT, &ego::DIALECT, &rococoins::DIALECT, &looking::DIALECT];

/// Mounts the dialects that are on. Where several have a path, the words for another method are those of the dialect with the
/// longest own path.
pub(crate) fn configure(cfg: &mut web::ServiceConfig, mounts: &[Mount]) {
    let mut on: Vec<&Mount> = mounts.iter().filter(|mount| mount.is_on()).rev().collect();
    on.sort_by_key(|mount| Reverse(mount.longest_own_path()));
    table::mount(cfg, &on.iter().map(|mount| mount.table()).collect::<Vec<_>>());
    for mount in on {
        (mount.dialect().configure)(cfg, mount);
    }
}

/// The keys that the tokens of all dialects are signed with.
pub(crate) fn token_keys() -> Vec<TokenKey> {
    ALL.iter().flat_map(|dialect| dialect.token_keys).copied().collect()
}

/// Adds the endpoints of every dialect that is on to a description; the rules of new passwords are those of the site.
pub(crate) fn describe(
    (mounts, rules): (&[Mount], PasswordRules),
    paths: PathsBuilder,
    components: ComponentsBuilder,
) -> (PathsBuilder, ComponentsBuilder) {
    mounts.iter().filter(|mount| mount.is_on()).fold((paths, components), |(paths, components), mount| {
        let Dialect { name, chapter, rows, password_rules, .. } = mount.dialect();
        let section = Section { name, rows, prefix: mount.prefix(), rules: password_rules(mount, rules) };
        chapter.write(&section, paths, components)
    })
}

/// The path that a request means, if the case of its letters is another one: as the table of a dialect has it, or begins like
/// it. Of several, it is the one with a word where the others have a parameter, or else with the most words.
pub(crate) fn fold_case(mounts: &[Mount], path: &str) -> Option<String> {
    let has_upper = |text: &str| text.bytes().any(|byte| byte.is_ascii_uppercase());
    let on = || mounts.iter().filter(|mount| mount.is_on());
    // The tables are in lower case, and so is nearly every path that is asked for.
    if !has_upper(path) && !on().any(|mount| has_upper(mount.prefix())) {
        return None;
    }
    let folded = on().filter_map(|mount| {
        let below = dialect::strip_prefix(path, mount.prefix())?;
        let (folded, words) = table::table_case(mount.dialect().rows, below)?;
        Some((format!("{}{folded}", mount.prefix()), words))
    });
    let mut folded: Vec<(String, usize)> = folded.collect();
    if folded.len() > 1 {
        let tables: Vec<_> = on().map(Mount::table).collect();
        folded.sort_by_cached_key(|(folded, words)| {
            let shape = table::best_shape(&tables, folded);
            (shape.is_none(), shape, Reverse(*words))
        });
    }
    folded.into_iter().map(|(folded, _)| folded).next().filter(|folded| folded != path)
}

/// Refuses a request in the words of the dialect that has the path by its method, or has it, or owns it: `None` if none does.
///
/// Below a prefix, a path is owned by the dialect whose document has the longest own path there, if it is mounted there: the
/// paths of one that is off, or elsewhere, are not another's. Of equals, the later in the list owns it.
pub(crate) fn refuse(mounts: &[Mount], method: &Method, path: &str, status: StatusCode) -> Option<HttpResponse> {
    let on = || mounts.iter().filter(|mount| mount.is_on());
    let owned_length = |mount: &Mount| {
        let below = path.strip_prefix(mount.prefix())?;
        let longest = mounts.iter().filter_map(|other| other.dialect().owned_length(below)).max();
        mount.dialect().owned_length(below).filter(|length| Some(*length) == longest)
    };
    let tables: Vec<_> = on().map(Mount::table).collect();
    let takes = |mount: &&Mount| has_row(mount.table(), &tables, (method, path));
    let has = |mount: &&Mount| has_path(mount.table(), &tables, path);
    let owner = on().filter(takes).max_by_key(|mount| owned_length(mount));
    let owner = owner.or_else(|| on().filter(has).max_by_key(|mount| owned_length(mount)));
    let owner =
        owner.or_else(|| on().filter(|mount| owned_length(mount).is_some()).max_by_key(|mount| mount.prefix().len()));
    owner.map(|mount| (mount.dialect().refuse)(path, status))
}

/// The rows of every dialect, whether on or off, with the dialect's name.
pub fn routes() -> Vec<(&'static str, RouteRow)> {
    let of =
        |dialect: &&'static Dialect| dialect.rows.iter().map(|row| (dialect.name, row.clone())).collect::<Vec<_>>();
    ALL.iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests;
