//! The mirror rule: one aggregate, one file name, in the ports, in every store and in the conformance suite.

use std::collections::BTreeSet;

use syn::{Item, TypeParamBound};

use crate::{
    repository::{Repository, assert_none},
    source::Source,
};

/// Where every aggregate has its file.
const MIRRORS: [&str; 5] = [
    "crates/ports/src",
    "crates/adapters/memory/src",
    "crates/adapters/sqlite/src",
    "crates/adapters/postgres/src",
    "crates/conformance/src",
];

#[test]
fn every_aggregate_has_the_same_file_everywhere() {
    let repository = Repository::open();
    let aggregates = aggregates(&repository.text("crates/ports/src/store.rs").unwrap());
    assert!(aggregates.contains(&"accounts".to_owned()), "the unit of work was not understood: {aggregates:?}");
    let files: Vec<&str> = repository.files().collect();
    assert_none("an aggregate has its file in every mirror", &missing(&aggregates, &files));
}

/// The aggregates are what a unit of work writes and what can be read outside one: the supertraits of both.
fn aggregates(store: &str) -> Vec<String> {
    let source = Source::parse(store).unwrap();
    let bounds = source.syntax.items.iter().filter_map(|item| match item {
        Item::Trait(item) if item.ident == "UnitOfWork" || item.ident == "ReadView" => Some(&item.supertraits),
        _ => None,
    });
    let names = bounds.flatten().filter_map(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    });
    let names = names.filter(|name| name != "Send").map(|name| snake_case(name.strip_prefix("Read").unwrap_or(&name)));
    names.collect::<BTreeSet<_>>().into_iter().collect()
}

fn snake_case(name: &str) -> String {
    let spaced = name.chars().enumerate().flat_map(|(at, letter)| {
        let is_inner_capital = at > 0 && letter.is_uppercase();
        is_inner_capital.then_some('_').into_iter().chain(letter.to_lowercase())
    });
    spaced.collect()
}

fn missing(aggregates: &[String], files: &[&str]) -> Vec<String> {
    let paths = aggregates.iter().flat_map(|name| MIRRORS.map(|folder| (folder, name)));
    let absent = paths.filter(|(folder, name)| {
        let room = format!("{folder}/{name}/");
        !files.contains(&format!("{folder}/{name}.rs").as_str()) && !files.iter().any(|file| file.starts_with(&room))
    });
    absent.map(|(folder, name)| format!("{folder}/{name}.rs is missing")).collect()
}

#[test]
fn the_aggregates_are_the_supertraits_of_a_unit_of_work_and_of_what_is_read() {
    let store = "trait Store: Send {} trait ReadView: ReadAccounts + ReadLetters {} \
                 trait UnitOfWork: Accounts + OneTimeCodes + Send { fn commit(self); }";
    assert_eq!(aggregates(store), ["accounts", "letters", "one_time_codes"]);
}

#[test]
fn a_store_without_the_file_of_an_aggregate_is_found() {
    let all: Vec<String> = MIRRORS.map(|folder| format!("{folder}/codes.rs")).into();
    let mut files: Vec<&str> = all.iter().map(String::as_str).collect();
    assert_eq!(missing(&["codes".to_owned()], &files), Vec::<String>::new());
    files[2] = "crates/adapters/sqlite/src/codes/tries.rs";
    assert_eq!(missing(&["codes".to_owned()], &files), Vec::<String>::new());
    files[2] = "crates/adapters/sqlite/src/code.rs";
    assert_eq!(missing(&["codes".to_owned()], &files), ["crates/adapters/sqlite/src/codes.rs is missing"]);
}
