//! Every dialect is one folder with the same rooms, so that who has read one can review the others.

use std::collections::BTreeSet;

use crate::repository::{Repository, assert_none};

const DIALECTS: &str = "crates/http/src/dialects/";
/// The page of a dialect, and what is not a room of its own.
const BESIDE: [&str; 2] = ["docs.md", "mod"];
/// A room is a file, or a folder once it has outgrown one.
const ROOMS: [&str; 8] = ["routes", "requests", "responses", "mapping", "errors", "caller", "tokens", "openapi"];

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
        violations.extend(wanted.difference(&rooms).map(|room| format!("{DIALECTS}{dialect}/ lacks {room}")));
        violations.extend(
            rooms.difference(&wanted).map(|room| format!("{DIALECTS}{dialect}/{room} is not a room of a dialect")),
        );
    }
    violations
}

#[cfg(test)]
fn house() -> Vec<String> {
    let rooms = ROOMS.iter().chain(&["mod"]).map(|room| format!("{DIALECTS}contacts/{room}.rs"));
    rooms.chain(["contacts/docs.md", "mod.rs"].map(|file| format!("{DIALECTS}{file}"))).collect()
}

#[test]
fn a_whole_dialect_passes() {
    let mut files = house();
    files[0] = format!("{DIALECTS}contacts/routes/codes.rs");
    assert_eq!(wrong_rooms(&files.iter().map(String::as_str).collect::<Vec<_>>()), Vec::<String>::new());
}

#[test]
fn a_missing_room_and_one_too_many_are_found() {
    let mut files = house();
    files[3] = format!("{DIALECTS}contacts/helpers.rs");
    assert_eq!(
        wrong_rooms(&files.iter().map(String::as_str).collect::<Vec<_>>()),
        [
            "crates/http/src/dialects/contacts/ lacks mapping",
            "crates/http/src/dialects/contacts/helpers is not a room of a dialect"
        ]
    );
}
