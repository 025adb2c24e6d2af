//! `config check`: whatever it finds good, the server starts with.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::json;

use crate::support::{PATIENCE, Setup};

/// Fails unless the check and the server refuse it, both with these words.
fn assert_found(setup: &Setup, words: &str) {
    let check = setup.run(&["config", "check", "--json"]).expect(3).json();
    assert_eq!(check["valid"], false);
    assert!(check["problems"][0]["what"].as_str().unwrap().contains(words), "{check}");
    setup.run(&["config", "check"]).expect_refusal(3, words);
    let mut server = setup.launch();
    assert_ne!(server.wait(PATIENCE).code(), Some(0));
    assert!(server.log().contains(words), "{}", server.log());
}

#[test]
fn what_keeps_the_server_from_starting_is_found_without_changing_anything() {
    let nowhere = Setup::sqlite().with("DATABASE_URL", "sqlite:///no/such/directory/x.db");
    assert_found(&nowhere, "there is no directory /no/such/directory");

    let locked = Setup::sqlite().unprivileged();
    fs::create_dir(locked.data_dir()).unwrap();
    fs::set_permissions(locked.data_dir(), fs::Permissions::from_mode(0o555)).unwrap();
    assert_found(&locked, "cannot be used: Permission denied");

    let readable = Setup::sqlite();
    fs::create_dir(readable.data_dir()).unwrap();
    fs::write(readable.data_dir().join("secret"), "x".repeat(64)).unwrap();
    fs::set_permissions(readable.data_dir().join("secret"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_found(&readable, "every user of this machine may read");

    let elsewhere = Setup::sqlite().with("VESTIBULE_LISTEN", "192.0.2.1:3000").with("EMAIL_HOST", "mail.test");
    let elsewhere = elsewhere.with("EMAIL_FROM", "a@shop.test").with("VESTIBULE_EMAIL_EHLO_NAME", "shop.test");
    assert_found(&elsewhere, "cannot listen on 192.0.2.1:3000");

    let good = Setup::sqlite();
    let check = good.run(&["config", "check", "--json"]).expect(0).json();
    assert_eq!(check["problems"], json!([]));
    assert!(!good.data_dir().exists(), "the check made something");
}

#[test]
fn a_server_that_runs_is_no_problem() {
    let setup = Setup::sqlite().on_one_port();
    let server = setup.start();
    let check = setup.run(&["config", "check", "--json"]).expect(0).json();
    assert!(check["warnings"].to_string().contains("something listens on"), "{check}");
    server.stop();
}
