//! Dialects are strangers: none uses another. What two of them need is transport, and lies in `shared`.

use std::collections::BTreeSet;

use syn::{
    ItemMod, ItemUse, UseTree,
    spanned::Spanned,
    visit::{self, Visit},
};

use crate::{
    repository::{Repository, assert_none},
    source::Source,
};

const DIALECTS: &str = "crates/http/src/dialects/";

#[test]
fn no_dialect_uses_another() {
    let repository = Repository::open();
    let files: Vec<&str> = repository.ending(".rs").filter(|file| file.starts_with(DIALECTS)).collect();
    let dialects: BTreeSet<&str> = files.iter().filter_map(|file| dialect_of(file)).collect();
    let violations: Vec<String> = files
        .iter()
        .filter_map(|file| Some(acquaintances(file, &repository.text(file)?, &dialects)))
        .flatten()
        .collect();
    assert_none("a dialect knows no other", &violations);
}

fn dialect_of(file: &str) -> Option<&str> {
    Some(file.strip_prefix(DIALECTS)?.split_once('/')?.0)
}

fn acquaintances(file: &str, text: &str, dialects: &BTreeSet<&str>) -> Vec<String> {
    let (Some(own), Ok(source)) = (dialect_of(file), Source::parse(text)) else { return Vec::new() };
    let mut paths = Paths { module: module_of(file), found: Vec::new() };
    paths.visit_file(&source.syntax);
    let foreign = paths.found.into_iter().filter(|(_, path)| match path.as_slice() {
        [root, folder, dialect, ..] => {
            root == "crate"
                && folder == "dialects"
                && (dialect == "*" || dialect != own && dialects.contains(dialect.as_str()))
        }
        _ => false,
    });
    foreign.map(|(line, path)| format!("{file}:{line}: uses {}", path.join("::"))).collect()
}

/// The module that a file is: `crate::dialects::contacts::routes`.
fn module_of(file: &str) -> Vec<String> {
    let stem = file.trim_start_matches("crates/http/src/").trim_end_matches(".rs").trim_end_matches("/mod");
    ["crate"].into_iter().chain(stem.split('/')).map(ToOwned::to_owned).collect()
}

/// Every path in a file, from the root of the crate.
struct Paths {
    module: Vec<String>,
    found: Vec<(usize, Vec<String>)>,
}

impl Paths {
    fn add(&mut self, line: usize, path: &[String]) {
        let mut absolute = match path.first().map(String::as_str) {
            Some("crate") => Vec::new(),
            Some("self" | "super") => self.module.clone(),
            _ => return,
        };
        for part in path {
            match part.as_str() {
                "self" => {}
                "super" => drop(absolute.pop()),
                part => absolute.push(part.to_owned()),
            }
        }
        self.found.push((line, absolute));
    }

    fn add_tree(&mut self, line: usize, before: &[String], tree: &UseTree) {
        let with = |part: String| [before, &[part]].concat();
        match tree {
            UseTree::Path(path) => self.add_tree(line, &with(path.ident.to_string()), &path.tree),
            UseTree::Name(name) => self.add(line, &with(name.ident.to_string())),
            UseTree::Rename(name) => self.add(line, &with(name.ident.to_string())),
            UseTree::Glob(_) => self.add(line, &with("*".to_owned())),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_tree(line, before, tree)),
        }
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.add_tree(item.span().start().line, &[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.add(path.span().start().line, &parts);
        visit::visit_path(self, path);
    }
}

#[cfg(test)]
fn of_contacts(room: &str, text: &str) -> Vec<String> {
    acquaintances(&format!("{DIALECTS}contacts/{room}"), text, &["contacts", "looking"].into())
}

#[test]
fn its_own_rooms_and_the_shared_ones_pass() {
    for text in [
        "use crate::{dialects::contacts::errors::Fault, shared::looking};",
        "use super::{errors, looking};",
        "mod tests { use super::super::looking; use super::*; }",
        "fn f() { looking::story(); crate::dialects::contacts::f() }",
    ] {
        assert_eq!(of_contacts("routes.rs", text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_dialect_that_uses_another_is_found() {
    for (room, text) in [
        ("routes.rs", "use crate::dialects::looking::errors::Fault;"),
        ("routes.rs", "use crate::{dialects::{contacts::errors, looking as other}, shared};"),
        ("routes.rs", "use super::super::looking;"),
        ("mod.rs", "use super::looking::story;"),
        ("routes/codes.rs", "fn f() { super::super::super::looking::story() }"),
        ("mapping.rs", "mod tests { fn f(_: super::super::super::looking::Story) {} }"),
        ("mapping.rs", "use crate::dialects::*;"),
    ] {
        assert_eq!(of_contacts(room, text).len(), 1, "{room}: {text}");
    }
}
