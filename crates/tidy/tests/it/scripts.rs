//! What a person or the continuous integration runs can be run, and says in its first lines what it does.

use std::os::unix::fs::PermissionsExt;

use crate::repository::{Repository, assert_none};

#[test]
fn every_script_can_be_run_and_says_what_it_does() {
    let repository = Repository::open();
    let ours = |file: &&str| file.starts_with("scripts/") || file.starts_with(".ci/");
    let mut violations = Vec::new();
    let mut seen = 0;
    for file in repository.files().filter(ours) {
        let Some(text) = repository.text(file) else { continue };
        let mode = repository.path(file).metadata().unwrap().permissions().mode();
        violations.extend(faults(file, &text, mode & 0o111 == 0o111));
        seen += 1;
    }
    assert!(seen > 0, "there are no scripts");
    assert_none("scripts are executable and begin with what they do", &violations);
}

fn faults(file: &str, text: &str, executable: bool) -> Vec<String> {
    let mut faults = Vec::new();
    let run = text.starts_with("#!");
    let sourced = file.strip_suffix(".sh").is_some() && !run;
    // A file without an ending, beside the scripts, is one of them.
    let named_like_one = !file.rsplit('/').next().unwrap_or(file).contains('.');
    if named_like_one && !run {
        faults.push(format!("{file}: does not begin with `#!`"));
    }
    if run && !executable {
        faults.push(format!("{file}: is not executable (chmod +x)"));
    }
    if sourced && executable {
        faults.push(format!("{file}: is executable, but has no `#!`"));
    }
    if (run || sourced || named_like_one) && !introduces_itself(text) {
        faults.push(format!("{file}: does not say in its first lines what it does"));
    }
    faults
}

/// A comment of a few words within the first three lines.
fn introduces_itself(text: &str) -> bool {
    let comments = text.lines().take(3).filter(|line| !line.starts_with("#!"));
    let texts =
        comments.filter_map(|line| ["#", "//", "/**", "\"\"\""].iter().find_map(|mark| line.strip_prefix(mark)));
    texts.into_iter().any(|text| text.split_whitespace().filter(|word| !word.starts_with("shellcheck")).count() >= 4)
}

#[test]
fn a_proper_script_passes() {
    let text = "#!/usr/bin/env bash\n# Runs every test of the workspace.\nset -euo pipefail\n";
    assert_eq!(faults("scripts/test", text, true), Vec::<String>::new());
    let text = "# Functions that start a cluster.\nstart() { :; }\n";
    assert_eq!(faults("scripts/lib/postgres.sh", text, false), Vec::<String>::new());
    assert_eq!(faults("scripts/bench-peers/package.json", "{}", false), Vec::<String>::new());
}

#[test]
fn a_script_that_cannot_be_run_or_keeps_silent_is_found() {
    let text = "#!/usr/bin/env bash\n# Runs every test of the workspace.\n";
    assert_eq!(faults("scripts/test", text, false), ["scripts/test: is not executable (chmod +x)"]);
    let text = "#!/usr/bin/env bash\nset -euo pipefail\n# Runs\n";
    assert_eq!(faults("scripts/test", text, true), ["scripts/test: does not say in its first lines what it does"]);
    assert_eq!(faults("scripts/test", "# Runs every test of it.\n", true), ["scripts/test: does not begin with `#!`"]);
    assert_eq!(faults("scripts/lib/a.sh", "# Starts a whole cluster.\n", true).len(), 1);
    assert_eq!(faults("scripts/lib/a.sh", "start() { :; }\n", false).len(), 1);
}
