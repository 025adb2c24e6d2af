//! Which store it is, only the places know that must name each: a new store is then told by the compiler where it is missing.

use crate::repository::{Repository, assert_none};

const SERVER: &str = "crates/server/src/";
/// The properties of the stores, the default, and what opens them.
const PLACES: [&str; 3] = ["config/database.rs", "config/resolve.rs", "compose/mod.rs"];

#[test]
fn nothing_but_its_properties_asks_which_store_it_is() {
    let repository = Repository::open();
    let files = repository.ending(".rs").filter(|file| file.starts_with(SERVER));
    let violations: Vec<String> = files
        .filter_map(|file| Some((file, repository.text(file)?)))
        .flat_map(|(file, text)| violations(file, &text))
        .collect();
    assert_none("ask `Database` for what is to be known, or give it another property", &violations);
}

fn violations(file: &str, text: &str) -> Vec<String> {
    if PLACES.iter().any(|place| file.strip_prefix(SERVER) == Some(place)) {
        return Vec::new();
    }
    let lines = text.lines().zip(1..).filter(|(line, _)| line.contains("Database::"));
    lines.map(|(line, number)| format!("{file}:{number}: {}", line.trim())).collect()
}

#[test]
fn a_question_is_found() {
    let text = "let kept = match store {\n    Database::Memory => false,\n};";
    assert_eq!(
        violations("crates/server/src/serve/mod.rs", text),
        ["crates/server/src/serve/mod.rs:2: Database::Memory => false,"]
    );
    assert!(violations("crates/server/src/compose/mod.rs", text).is_empty());
}
