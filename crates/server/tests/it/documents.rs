//! What is written about the configuration is what the code does.

use std::{collections::BTreeSet, env, fs, path::Path};

use vestibule_server::{
    config::{key::Fallback, keys, show},
    exit,
};

use crate::support::Place;

/// Puts a text between the comment that begins with a word and the next `<!-- end -->`.
fn replaced(document: &str, mark: &str, text: &str) -> String {
    let start = document.find(&format!("<!-- {mark}: ")).expect("the mark is there");
    let body = start + document[start..].find("-->\n").expect("the mark ends") + "-->\n".len();
    let end = body + document[body..].find("<!-- end -->").expect("the part ends");
    format!("{}\n{text}\n\n{}", &document[..body], &document[end..])
}

#[test]
fn the_reference_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let document = fs::read_to_string(&path).unwrap();
    let current = replaced(&document, "keys", &show::reference());
    let current = replaced(&current, "exit codes", &exit::reference());
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &current).unwrap();
    } else {
        assert!(document == current, "docs/configuration.md is not current: run the tests with UPDATE_DOCS=1");
    }
}

#[test]
fn the_example_as_it_is_changes_nothing() {
    let place = Place::with_file(&show::example());
    assert_eq!(format!("{:?}", place.config(&[])), format!("{:?}", Place::new().config(&[])));
}

#[test]
fn the_example_holds_every_key_and_its_defaults_are_the_defaults() {
    let has_default: BTreeSet<(&str, &str)> = keys::all()
        .iter()
        .filter(|key| matches!(key.fallback, Fallback::Value(_)))
        .map(vestibule_server::config::key::Key::split)
        .collect();
    let mut section = String::new();
    let mut seen = BTreeSet::new();
    let (mut with_defaults, mut with_all) = (Vec::new(), Vec::new());
    for line in show::example().lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').to_owned();
        }
        // A mark right before a word hides a setting; before a blank it begins a comment.
        let Some(setting) = line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).map(str::to_owned) else {
            with_defaults.push(line.to_owned());
            with_all.push(line.to_owned());
            continue;
        };
        let name = setting.split(' ').next().unwrap();
        seen.insert(format!("{section}.{name}"));
        if has_default.contains(&(section.as_str(), name)) {
            with_defaults.push(setting.clone());
        }
        with_all.push(setting);
    }
    let all: BTreeSet<String> = keys::all().iter().map(|key| key.name.to_owned()).collect();
    assert_eq!(seen, all);
    let place = Place::with_file(&with_defaults.join("\n"));
    assert_eq!(format!("{:?}", place.config(&[])), format!("{:?}", Place::new().config(&[])));
    let problems = Place::with_file(&with_all.join("\n")).problems(&[]);
    let refused: Vec<&str> = problems.iter().filter_map(|problem| problem.place.split('`').nth(1)).collect();
    let of_a_real_machine = ["providers.apple_private_key", "email.templates", "email.ca_file"];
    assert_eq!(refused, of_a_real_machine, "{problems:#?}");
}

#[test]
fn every_name_belongs_to_one_key_and_every_key_to_a_known_section() {
    let mut names = BTreeSet::new();
    for key in keys::all() {
        assert!(keys::sections().iter().any(|(section, _)| *section == key.split().0), "{}", key.name);
        assert!(!key.env.is_empty() && key.doc.ends_with('.'), "{}", key.name);
        assert!(
            matches!(key.fallback, Fallback::Value(_)) || !key.example.is_empty(),
            "{} has nothing to show",
            key.name
        );
        for (name, _) in key.variables().chain(key.toml_names()) {
            assert!(names.insert(name.clone()), "{name} is used twice");
        }
    }
}

#[test]
fn the_keys_can_be_read_by_a_program() {
    let listed = show::example_json();
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), keys::all().len());
    assert_eq!(listed[0]["key"], "server.listen");
    assert_eq!(listed[0]["environment"], serde_json::json!(["VESTIBULE_LISTEN"]));
    assert_eq!(listed[0]["default"], "127.0.0.1:3000");
}
