//! Documents that cannot rot: the paths that they name and the files that they link to exist.

use crate::repository::{Repository, assert_none};

/// What a path in a document begins with.
const FOLDERS: [&str; 5] = ["crates/", "docs/", "scripts/", "migrations/", ".ci/"];
/// The traits that every store begins with.
const DOOR: &str = "crates/ports/src/store.rs";
const ADAPTERS: &str = "docs/adapters.md";
const ARCHITECTURE: &str = "docs/architecture.md";
const ARCHITECTURE_LINES: usize = 150;

#[test]
fn every_path_that_a_document_names_exists() {
    let repository = Repository::open();
    let mut violations = Vec::new();
    for file in repository.ending(".md") {
        let text = repository.text(file).unwrap_or_default();
        violations.extend(dead_paths(file, &text, |path| repository.exists(path)));
        violations.extend(dead_links(file, &text, |path| repository.exists(path)));
    }
    assert_none("documents name what does not exist", &violations);
}

#[test]
fn the_architecture_is_told_in_few_lines() {
    let text = Repository::open().text(ARCHITECTURE);
    let lines = text.unwrap_or_else(|| panic!("{ARCHITECTURE} is missing")).lines().count();
    assert!(lines <= ARCHITECTURE_LINES, "{ARCHITECTURE} has {lines} lines, of at most {ARCHITECTURE_LINES}");
}

#[test]
fn the_store_that_is_shown_to_others_has_every_method_of_the_ports() {
    let repository = Repository::open();
    let text = |file| repository.text(file).unwrap_or_else(|| panic!("{file} is missing"));
    let missing = missing_methods(&text(DOOR), &text(ADAPTERS));
    assert_none(&format!("{ADAPTERS} does not show how to write what {DOOR} asks for"), &missing);
}

/// Methods of traits that a document has no body for.
fn missing_methods(traits: &str, document: &str) -> Vec<String> {
    let shown: Vec<&str> = document.lines().filter_map(|line| line.trim().strip_suffix(" {")).collect();
    let methods = traits.lines().filter_map(|line| line.trim().strip_suffix(';')).filter(|line| line.contains("fn "));
    methods.filter(|method| !shown.contains(method)).map(str::to_owned).collect()
}

/// The text outside fenced blocks, as its lines with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

fn dead_paths(file: &str, text: &str, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let mut dead = Vec::new();
    for (number, line) in prose(text) {
        // Every second part of a line lies between backticks.
        let words = line.split('`').skip(1).step_by(2).flat_map(str::split_whitespace);
        for word in words.filter(|word| FOLDERS.iter().any(|folder| word.starts_with(folder))) {
            if !exists(fixed_part(word)) {
                dead.push(format!("{file}:{number}: {word} does not exist"));
            }
        }
    }
    dead
}

/// The path up to a part that stands for many (`<name>`, `*`, `…`, `{a,b}`), without a mark of punctuation behind it.
fn fixed_part(word: &str) -> &str {
    let word = word.trim_end_matches([',', '.', ';', ':', ')']);
    match word.find(['<', '*', '…', '{']) {
        Some(place) => word[..place].rsplit_once('/').map_or("", |(folder, _)| folder),
        None => word,
    }
}

fn dead_links(file: &str, text: &str, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut dead = Vec::new();
    for (number, line) in prose(text) {
        let outside_code: String = line.split('`').step_by(2).collect::<Vec<_>>().join("` `");
        for rest in outside_code.split("](").skip(1) {
            let target = rest.split([')', ' ', '#']).next().unwrap_or_default();
            let elsewhere = target.is_empty() || target.contains("://") || target.starts_with("mailto:");
            if !elsewhere && !resolve(folder, target).is_some_and(|path| exists(&path)) {
                dead.push(format!("{file}:{number}: the link to {target} leads nowhere"));
            }
        }
    }
    dead
}

/// A link's target relative to the root; `None` if it leads out of the repository.
fn resolve(folder: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(if parts.is_empty() { ".".to_owned() } else { parts.join("/") })
}

#[cfg(test)]
fn there(path: &str) -> bool {
    ["docs", "docs/adapters.md", "docs/adr", "docs/adr/0001-a.md", "README.md", "scripts/test", "crates"]
        .contains(&path)
}

#[test]
fn living_paths_and_links_pass() {
    let text = "See `scripts/test -p NAME`, `docs/adr/<number>-*.md`, `crates/`… and `docs/adapters.md`.\n\
        [a](adapters.md), [b](adr/0001-a.md#context), [c](../README.md), [d](#here), [e](https://example.org/x), \
        `[f](not/a/link)`.\n```sh\nls `crates/nowhere` [g](nowhere)\n```\n";
    // The folder `crates/` ends in a slash, as a reader writes it.
    let there = |path: &str| there(path.trim_end_matches('/'));
    assert_eq!(dead_paths("docs/a.md", text, there), Vec::<String>::new());
    assert_eq!(dead_links("docs/a.md", text, there), Vec::<String>::new());
}

#[test]
fn a_dead_path_is_found() {
    let text = "Fine.\nSee `crates/nowhere`, and run `bash scripts/tset`.";
    assert_eq!(
        dead_paths("README.md", text, there),
        ["README.md:2: crates/nowhere does not exist", "README.md:2: scripts/tset does not exist"]
    );
    assert_eq!(dead_paths("README.md", "`migrations/mysql/*.sql`", there).len(), 1);
}

#[test]
fn a_dead_link_is_found() {
    assert_eq!(
        dead_links("docs/a.md", "[a](README.md) and [b](adapters.md)", there),
        ["docs/a.md:1: the link to README.md leads nowhere"]
    );
    assert_eq!(dead_links("README.md", "[out](../elsewhere.md)", there).len(), 1);
    assert_eq!(dead_links("README.md", "`code` [a](nowhere.md) `code`", there).len(), 1);
}

#[test]
fn a_method_that_is_not_shown_is_found() {
    let traits = "pub trait Store {\n    /// One.\n    fn read(&self) -> &dyn ReadView;\n    async fn close(&self);\n}";
    let document = "    async fn close(&self) {\n        self.client.close().await;\n    }";
    assert_eq!(missing_methods(traits, document), ["fn read(&self) -> &dyn ReadView"]);
}
