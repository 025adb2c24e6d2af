//! `lib.rs` is a table of contents: docs, attributes, modules and uses. The conformance suite may declare its macros
//! there, since a macro must come before its uses.

use syn::{AttrStyle, Item};

use crate::{
    repository::{Repository, assert_none},
    source::Source,
};

#[test]
fn every_lib_rs_is_a_table_of_contents() {
    let repository = Repository::open();
    let violations: Vec<String> = repository
        .ending("/src/lib.rs")
        .filter_map(|file| Some(misplaced(file, &repository.text(file)?)))
        .flatten()
        .collect();
    assert_none("a lib.rs holds only docs, attributes, `mod x;` and `use`", &violations);
}

fn misplaced(file: &str, text: &str) -> Vec<String> {
    let source = match Source::parse(text) {
        Ok(source) => source,
        Err(error) => return vec![format!("{file}: cannot be parsed: {error}")],
    };
    let mut violations = Vec::new();
    let documented =
        |attribute: &syn::Attribute| matches!(attribute.style, AttrStyle::Inner(_)) && attribute.path().is_ident("doc");
    if !source.syntax.attrs.iter().any(documented) {
        violations.push(format!("{file}: does not say what the crate is (`//! …`)"));
    }
    for (number, item) in (1..).zip(&source.syntax.items) {
        let allowed = match item {
            Item::Mod(module) => module.content.is_none(),
            Item::Use(_) => true,
            Item::Macro(item) => item.mac.path.is_ident("macro_rules") && file.starts_with("crates/conformance/"),
            _ => false,
        };
        if !allowed {
            violations.push(format!("{file}: item {number} belongs into a module of its own"));
        }
    }
    violations
}

#[test]
fn a_table_of_contents_passes() {
    let text = "//! The crate.\n#![warn(missing_docs)]\nmod a;\npub mod b;\npub use a::A;\nuse b::B;";
    assert_eq!(misplaced("crates/a/src/lib.rs", text), Vec::<String>::new());
}

#[test]
fn logic_is_found() {
    for item in ["fn f() {}", "struct S;", "const C: u8 = 1;", "mod m { fn f() {} }", "macro_rules! m { () => {} }"] {
        let text = format!("//! The crate.\n{item}");
        assert_eq!(misplaced("crates/a/src/lib.rs", &text).len(), 1, "{item}");
    }
    let text = "//! The suite.\nmacro_rules! suite { () => {} }";
    assert_eq!(misplaced("crates/conformance/src/lib.rs", text), Vec::<String>::new());
}

#[test]
fn a_crate_that_does_not_introduce_itself_is_found() {
    assert_eq!(misplaced("crates/a/src/lib.rs", "mod a;").len(), 1);
}
