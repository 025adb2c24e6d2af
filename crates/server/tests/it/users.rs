//! `vestibule user …`, the program itself on a file of its own.

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

use crate::support::{Place, text};

fn create(place: &Place, environment: &[(&str, &str)]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_vestibule"))
        .args(["user", "create", "--email", "root@shop.test", "--role", "root", "--password-stdin"])
        .env_clear()
        .env("VESTIBULE_DATA_DIR", text(&place.path("data")))
        .envs(environment.iter().copied())
        .current_dir(place.dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses before it reads has closed its end already.
    drop(child.stdin.take().unwrap().write_all(b"correct horse battery"));
    child.wait_with_output().unwrap()
}

#[test]
fn a_database_that_was_made_for_an_account_is_missed_when_it_is_gone() {
    let place = Place::new();
    let made = create(&place, &[]);
    assert!(made.status.success(), "{made:?}");
    std::fs::remove_file(place.path("data/vestibule.db")).unwrap();
    let refused = create(&place, &[]);
    assert_eq!(refused.status.code(), Some(3), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("was made before and is missing"), "{refused:?}");
}

#[test]
fn an_operator_s_password_obeys_the_configured_length() {
    let refused = create(&Place::new(), &[("VESTIBULE_PASSWORD_MIN", "24")]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("it must have 24 characters to 72 bytes"), "{refused:?}");
}
