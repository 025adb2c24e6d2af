//! Every dialect is one folder with the same rooms, so that who has read one can review the others.

use std::collections::BTreeSet;

use crate::repository::{Repository, assert_none};

const DIALECTS: &str = "crates/http/src/dialects/";
/// The page of a dialect, and what is not a room of its own.
const BESIDE: [&str; 2] = ["docs.md", "mod"];
/// A room is a file, or a folder once it has outgrown one.
const ROOMS: [&str; 9] =
    ["routes", "requests", "mapping", "responses", "words", "errors", "caller", "tokens", "openapi"];
/// Rooms that a dialect has nothing to put into.
const ALLOWED_ABSENCES: [(&str, &str); 1] = [("contacts", "words")];

#[test]
fn every_dialect_has_the_same_rooms() {
    let repository = Repository::open();
    let files: Vec<&str> = repository.files().filter(|file| file.starts_with(DIALECTS)).collect();
    assert!(!files.is_empty(), "there are no dialects under {DIALECTS}");
    assert_none("a dialect has the rooms of the others, and no more", &wrong_rooms(&files));
}

fn wrong_rooms(files: &[&str]) -> Vec<String> {
    let inside: Vec<&str> = files.iter().filter_map(|file| file.strip_prefix(DIALECTS)).collect();
    let dialects: BTreeSet<&str> = inside.iter().filter_map(|file| Some(file.split_once('/')?.0)).collect();
    let mut violations = Vec::new();
    for dialect in dialects {
        let rooms: BTreeSet<&str> = inside
            .iter()
            .filter_map(|file| file.strip_prefix(dialect)?.strip_prefix('/'))
            .map(|file| file.split_once('/').map_or(file, |(folder, _)| folder))
            .map(|room| room.strip_suffix(".rs").unwrap_or(room))
            .collect();
        let wanted: BTreeSet<&str> = ROOMS.into_iter().chain(BESIDE).collect();
        let lacking = wanted.difference(&rooms).filter(|room| !ALLOWED_ABSENCES.contains(&(dialect, **room)));
        violations.extend(lacking.map(|room| format!("{DIALECTS}{dialect}/ lacks {room}")));
        violations.extend(
            rooms.difference(&wanted).map(|room| format!("{DIALECTS}{dialect}/{room} is not a room of a dialect")),
        );
    }
    violations
}

#[cfg(test)]
fn house() -> Vec<String> {
    let rooms = ROOMS.iter().chain(&["mod"]).map(|room| format!("{DIALECTS}ego/{room}.rs"));
    rooms.chain(["ego/docs.md", "mod.rs"].map(|file| format!("{DIALECTS}{file}"))).collect()
}

#[test]
fn a_whole_dialect_passes() {
    let mut files = house();
    files[0] = format!("{DIALECTS}ego/routes/codes.rs");
    assert_eq!(wrong_rooms(&files.iter().map(String::as_str).collect::<Vec<_>>()), Vec::<String>::new());
}

#[test]
fn a_missing_room_and_one_too_many_are_found() {
    let mut files = house();
    files[2] = format!("{DIALECTS}ego/helpers.rs");
    assert_eq!(
        wrong_rooms(&files.iter().map(String::as_str).collect::<Vec<_>>()),
        [
            "crates/http/src/dialects/ego/ lacks mapping",
            "crates/http/src/dialects/ego/helpers is not a room of a dialect"
        ]
    );
}

#[test]
fn only_a_room_that_may_be_absent_may_be() {
    let files = |dialect: &str| -> Vec<String> {
        house().iter().filter(|file| !file.ends_with("words.rs")).map(|file| file.replace("ego", dialect)).collect()
    };
    let wrong = |files: Vec<String>| wrong_rooms(&files.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(wrong(files("contacts")), Vec::<String>::new());
    assert_eq!(wrong(files("ego")), ["crates/http/src/dialects/ego/ lacks words"]);
}
