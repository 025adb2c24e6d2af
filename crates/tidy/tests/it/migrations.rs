//! The two databases have the same history: the same steps, by number and description.

use std::collections::{BTreeMap, BTreeSet};

use crate::repository::{Repository, assert_none};

const FOLDERS: [&str; 2] = ["migrations/postgres", "migrations/sqlite"];

#[test]
fn both_databases_have_the_same_steps() {
    let repository = Repository::open();
    let files: Vec<&str> = repository.files().filter(|file| file.starts_with("migrations/")).collect();
    assert!(!files.is_empty(), "there are no migrations");
    assert_none("migrations are the same steps in both databases", &differences(&files));
}

fn differences(files: &[&str]) -> Vec<String> {
    let mut violations = Vec::new();
    let mut steps: BTreeMap<&str, BTreeSet<&str>> = FOLDERS.map(|folder| (folder, BTreeSet::new())).into();
    for file in files {
        let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
        match (steps.get_mut(folder), name.strip_suffix(".sql")) {
            (Some(names), Some(stem)) if is_step(stem) => {
                let number = number(stem);
                if names.iter().any(|other| self::number(other) == number) {
                    violations.push(format!("{file}: the number {number} is there twice"));
                }
                names.insert(stem);
            }
            _ => violations.push(format!("{file}: not of the form migrations/DATABASE/0001_what_it_does.sql")),
        }
    }
    for (folder, other) in [(FOLDERS[0], FOLDERS[1]), (FOLDERS[1], FOLDERS[0])] {
        let lacking = steps[other].difference(&steps[folder]);
        violations.extend(lacking.map(|step| format!("{folder} lacks the step {step} of {other}")));
    }
    violations
}

fn number(stem: &str) -> &str {
    stem.split('_').next().unwrap_or(stem)
}

fn is_step(stem: &str) -> bool {
    let description =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b"_0123456789".contains(&b));
    stem.split_once('_').is_some_and(|(number, text)| {
        number.len() >= 4 && number.bytes().all(|b| b.is_ascii_digit()) && description(text)
    })
}

#[test]
fn the_same_steps_pass() {
    let files = ["migrations/postgres/0001_accounts.sql", "migrations/sqlite/0001_accounts.sql"];
    assert_eq!(differences(&files), Vec::<String>::new());
}

#[test]
fn a_step_that_one_database_lacks_is_found() {
    let files = ["migrations/postgres/0001_accounts.sql", "migrations/sqlite/0001_account.sql"];
    assert_eq!(differences(&files).len(), 2);
    assert_eq!(differences(&files[..1]), ["migrations/sqlite lacks the step 0001_accounts of migrations/postgres"]);
}

#[test]
fn a_number_used_twice_is_found() {
    let steps = ["0001_accounts", "0001_codes"];
    let files = FOLDERS.map(|folder| steps.map(|step| format!("{folder}/{step}.sql"))).concat();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    assert_eq!(differences(&files).len(), 2);
}

#[test]
fn a_name_that_says_nothing_is_found() {
    for name in ["1_accounts.sql", "0001.sql", "0001_Accounts.sql", "accounts.sql", "0001_accounts.txt"] {
        assert_eq!(differences(&[&format!("migrations/sqlite/{name}")]).len(), 1, "{name}");
    }
    assert_eq!(differences(&["migrations/mysql/0001_accounts.sql"]).len(), 1);
}
