//! The repository speaks of itself alone: no file names a place on somebody's machine, or a private registry.

use crate::repository::{Repository, assert_none};

/// Places on one machine. Each is written in two parts, so that this file does not name them either.
const PLACES: [&str; 6] = [
    concat!("../", "shared"),
    concat!("/", "work/"),
    concat!("/", "root/"),
    concat!("/", "home/"),
    concat!("/", "Users/"),
    concat!("/", "workspace/"),
];
/// The public registries; the lock files may name these alone.
const REGISTRIES: [&str; 2] = ["https://github.com/rust-lang/crates.io-index", "https://registry.npmjs.org/"];
/// What comes before the address of a registry.
const BEFORE_REGISTRY: [&str; 4] = ["registry+", "\"resolved\": \"", "index-url=", "registry="];

#[test]
fn no_file_names_a_machine_or_a_registry() {
    let repository = Repository::open();
    let violations: Vec<String> =
        repository.files().filter_map(|file| Some(misplaced_words(file, &repository.text(file)?))).flatten().collect();
    assert_none("a file names what is not part of the project", &violations);
}

fn misplaced_words(file: &str, text: &str) -> Vec<String> {
    let mut violations = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let places = PLACES.iter().filter(|place| names(line, place));
        violations.extend(places.map(|place| format!("{file}:{number}: names {place}")));
        for before in BEFORE_REGISTRY {
            let addresses = line.split(before).skip(1).map(|rest| rest.trim_start_matches(['"', '\'', ' ']));
            let foreign = addresses.filter(|address| {
                address.starts_with("http") && !REGISTRIES.iter().any(|registry| address.starts_with(registry))
            });
            violations.extend(foreign.map(|_| format!("{file}:{number}: names a registry that is not public")));
        }
    }
    violations
}

/// Whether a line names a place, and not a longer path or address that happens to hold it (`example.org/home/`).
fn names(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "_-.~}".contains(c))
    })
}

#[test]
fn the_projects_own_words_pass() {
    for text in [
        "See https://example.org/home/page, $HOME/work/x and docs/work/plan.",
        "source = \"registry+https://github.com/rust-lang/crates.io-index\"",
        "\"resolved\": \"https://registry.npmjs.org/express/-/express-5.0.0.tgz\"",
    ] {
        assert_eq!(misplaced_words("a", text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_place_on_a_machine_is_found() {
    for place in PLACES {
        for text in [format!("see {place}x"), format!("`{place}x`"), format!("file://{place}x")] {
            let violations = misplaced_words("a", &format!("\n{text}"));
            assert_eq!(violations, [format!("a:2: names {place}")], "{text}");
        }
    }
}

#[test]
fn a_private_registry_is_found() {
    let address = "https://mirror.internal/index";
    for before in BEFORE_REGISTRY {
        for quote in ["", "\""] {
            let text = format!("{before}{quote}{address}");
            assert_eq!(misplaced_words("a", &text), ["a:1: names a registry that is not public"], "{text}");
        }
    }
}
