//! The other commands, and what keeps the server from starting.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
};

use serde_json::{Value, json};

use crate::support::{Database, PATIENCE, Setup, within};

const PATHS: [&str; 7] =
    ["register", "login", "me", "forgot-password", "verify-otp", "reset-password", "check-registered"];

#[test]
fn migrations_are_applied_and_told() {
    let database = Database::empty();
    for setup in [Setup::sqlite(), Setup::postgres(&database)] {
        let before = setup.run(&["migrate", "status", "--json"]).expect(0).json();
        assert!(before.as_array().unwrap().iter().any(|step| step["applied"] == false), "{before}");
        assert!(setup.run(&["migrate", "status"]).expect(0).stdout.starts_with("pending     1  "));
        let count = before.as_array().unwrap().len();
        let applied =
            if count == 1 { "applied 1 migration\n".to_owned() } else { format!("applied {count} migrations\n") };
        assert!(setup.run(&["migrate"]).expect(0).stdout.starts_with(&applied));
        assert!(setup.run(&["migrate"]).expect(0).stdout.starts_with("applied 0 migrations\n"));
        let after = setup.run(&["migrate", "status", "--json"]).expect(0).json();
        assert!(after.as_array().unwrap().iter().all(|step| step["applied"] == true), "{after}");
        setup.start().stop();
    }
    assert_eq!(Setup::memory().run(&["migrate", "status", "--json"]).expect(0).json(), json!([]));
}

#[test]
fn a_store_that_is_not_migrated_is_waited_for_where_the_server_may_not_migrate() {
    let setup = Setup::sqlite().with("VESTIBULE_MIGRATE", "off");
    let server = setup.start();
    let ready = server.get("/health/ready");
    assert_eq!((ready.status, &ready.json()["status"]), (503, &json!("unready")), "{ready:?}");
    assert_eq!(server.post("/api/auth/login", &json!({ "email": "a@b.test", "password": "password" })).status, 503);
    setup.run(&["user", "list"]).expect_refusal(4, "vestibule migrate");
    setup.run(&["migrate"]).expect(0);
    assert_eq!(server.get("/health/ready").status, 200);
    assert_eq!(server.post("/api/auth/login", &json!({ "email": "a@b.test", "password": "password" })).status, 401);
    server.stop();
}

#[test]
fn the_document_tells_all_seven_paths() {
    let setup = Setup::memory();
    let document = setup.run(&["openapi"]).expect(0).json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    let paths = document["paths"].as_object().unwrap();
    for path in PATHS {
        let item = paths.get(&format!("/api/auth/{path}")).unwrap_or_else(|| panic!("{path} is not told"));
        let operation = item.as_object().unwrap().values().next().unwrap();
        assert!(operation["responses"].as_object().is_some_and(|responses| responses.len() > 1), "{operation}");
    }
    let operations = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| (method, path, operation))
    });
    for (method, path, operation) in operations {
        assert!(operation["responses"]["503"].is_object(), "{method} {path} does not say that the store may be away");
    }
    let server = setup.start();
    assert_eq!(server.get("/openapi.json").json(), document);
    let page = server.get("/docs/");
    let page = if page.status == 200 { page } else { server.get("/docs") };
    let found = match page.header("location") {
        Some(location) => server.get(location),
        None => page,
    };
    assert_eq!(found.status, 200, "{found:?}");
    assert!(!found.text().contains("https://"), "an asset from elsewhere: {}", found.text());
    server.stop();
    let off = Setup::memory().with("VESTIBULE_DIALECT_CONTACTS", "off").run(&["openapi"]).expect(0).json();
    assert!(off["paths"].as_object().is_none_or(|paths| !paths.contains_key("/api/auth/me")), "{off}");
}

#[test]
fn a_health_check_tells_by_its_exit_code() {
    let setup = Setup::memory();
    let server = setup.start();
    let url = format!("http://{}", server.address());
    assert_eq!(setup.run(&["healthcheck", "--url", &url]).expect(0).stdout, "ready\n");
    let report = setup.run(&["--json", "healthcheck", "--url", &url]).expect(0).json();
    assert_eq!((&report["status"], &report["store"]), (&json!("ready"), &json!("ok")));
    let configured = Setup::memory().with("VESTIBULE_LISTEN", server.address().to_string());
    configured.run(&["healthcheck"]).expect(0);
    let without_a_file = configured.with("VESTIBULE_EMAIL_TEMPLATES", "/nonexistent");
    without_a_file.run(&["healthcheck"]).expect(0);
    without_a_file.run(&["config", "print"]).expect(0);
    without_a_file.run(&["openapi"]).expect(0);
    without_a_file.run(&["config", "check"]).expect_refusal(3, "VESTIBULE_EMAIL_TEMPLATES");
    setup.run(&["healthcheck", "--url", "https://127.0.0.1"]).expect(2);
    setup.run(&["healthcheck", "--url", &format!("{url}/health")]).expect_refusal(2, "http://HOST:PORT");
    server.stop();
    setup.run(&["healthcheck", "--url", &url]).expect_refusal(1, "no answer from");
    let report = setup.run(&["healthcheck", "--json", "--url", &url]).expect(1).json();
    assert_eq!(report["status"], "no answer");
    let unready = Setup::sqlite().with("VESTIBULE_MIGRATE", "off");
    let server = unready.start();
    let url = format!("http://{}", server.address());
    unready.run(&["healthcheck", "--url", &url]).expect_refusal(1, "unready (status 503)");
    let report = unready.run(&["healthcheck", "--json", "--url", &url]).expect(1).json();
    assert_eq!(report["status"], "unready");
    drop(server);
}

#[test]
fn looking_at_the_steps_of_a_new_place_makes_no_file() {
    let setup = Setup::sqlite();
    let steps = setup.run(&["migrate", "status", "--json"]).expect(0).json();
    assert!(steps.as_array().is_some_and(|steps| steps.iter().all(|step| step["applied"] == false)), "{steps}");
    assert!(!setup.data_dir().exists());
}

#[test]
fn what_happened_in_a_new_place_is_nothing() {
    assert_eq!(Setup::sqlite().run(&["events", "list"]).expect(0).stdout, "no events\n");
    let mail = Setup::sqlite().run(&["mail", "test", "--to", "alice@example.com", "--json"]).expect(0).json();
    assert_eq!(mail, json!({ "accepted": true, "mailbox": "local" }));
}

#[test]
fn a_password_ends_with_its_line_and_not_with_the_input() {
    let setup = Setup::sqlite();
    let create = ["user", "create", "--email", "root@shop.test", "--role", "root", "--password-stdin"];
    let mut child = setup.spawn(&create);
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"correct horse battery\n").unwrap();
    within(PATIENCE, "the end of the command", || child.try_wait().unwrap().map(|status| assert!(status.success())));
    drop(input);
}

#[test]
fn the_greeting_is_json_where_that_is_asked_for() {
    let setup = Setup::sqlite();
    let mut child = setup.spawn(&["--json", "serve"]);
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let facts: Value = serde_json::from_str(&line).unwrap();
    assert!(facts["url"].as_str().is_some_and(|url| url.starts_with("http://127.0.0.1:")), "{facts}");
    assert_eq!(facts["root"], "none");
    assert!(facts["make_root"].as_str().is_some_and(|command| command.contains(" user create ")), "{facts}");
}

#[test]
fn the_version_is_told() {
    let setup = Setup::memory();
    assert_eq!(setup.run(&["version"]).expect(0).stdout, format!("vestibule {}\n", env!("CARGO_PKG_VERSION")));
    let version = setup.run(&["version", "--json"]).expect(0).json();
    assert_eq!(version, json!({ "name": "vestibule", "version": env!("CARGO_PKG_VERSION") }));
    let help = setup.run(&["--help"]).expect(0).stdout;
    assert!(help.contains("Exit codes:"), "{help}");
    setup.run(&["serve", "--prot", "1"]).expect(2);
    setup.run(&["sreve"]).expect_refusal(2, "serve");
}

#[test]
fn the_configuration_is_checked_and_printed_without_secrets() {
    let setup = Setup::at("postgres://jo:hunter2@db.test/x").with("VESTIBULE_BCRYPT_COST", "13");
    let short = setup.run(&["config", "check"]).expect(0).stdout;
    assert!(short.lines().count() == 2 && short.contains("VESTIBULE_EGO_PASSWORD_MIN"), "{short}");
    let setup = setup.with("VESTIBULE_EGO_PASSWORD_MIN", "8");
    assert_eq!(setup.run(&["config", "check"]).expect(0).stdout.lines().count(), 1);
    let printed = setup.run(&["config", "print"]).expect(0).stdout;
    assert!(printed.contains("13") && printed.contains("VESTIBULE_BCRYPT_COST"), "{printed}");
    let as_json = setup.run(&["config", "print", "--json"]).expect(0);
    assert!(as_json.json().is_object() || as_json.json().is_array());
    for text in [&printed, &as_json.stdout] {
        assert!(!text.contains("hunter2") && !text.contains(crate::support::setup::SECRET), "{text}");
    }
    let wrong = Setup::memory().with("VESTIBULE_BCRYPT_COST", "4").with("VESTIBULE_LISTEN", "3000");
    let outcome = wrong.run(&["config", "check", "--json"]).expect(3).json();
    assert_eq!((&outcome["valid"], outcome["problems"].as_array().map(Vec::len)), (&json!(false), Some(2)));
    wrong.run(&["config", "check"]).expect_refusal(3, "give a number from 10 to 14");
}

#[test]
fn the_example_is_a_configuration_that_the_server_takes() {
    let setup = Setup::sqlite();
    let example = setup.run(&["config", "example"]).expect(0).stdout;
    std::fs::write(setup.path("vestibule.toml"), &example).unwrap();
    setup.run(&["config", "check"]).expect(0);
    setup.start().stop();
    let file = setup.path("other.toml").display().to_string();
    std::fs::write(&file, "[security]\nlimits = \"off\"\n").unwrap();
    let printed: Value = setup.run(&["--config", &file, "config", "print", "--json"]).expect(0).json();
    assert!(printed.to_string().contains("other.toml"), "{printed}");
}

#[test]
fn what_is_mistyped_or_unsafe_keeps_the_server_from_starting() {
    let refused = |setup: Setup, words: &str| {
        for arguments in [&["serve"][..], &[]] {
            let outcome = setup.run(arguments);
            assert!(outcome.stdout.is_empty(), "{outcome:?}");
            outcome.expect_refusal(3, words);
        }
        assert!(!setup.data_dir().exists(), "something was made for {words}");
    };
    refused(Setup::sqlite().with("VESTIBULE_LISTENN", "x"), "did you mean `VESTIBULE_LISTEN`?");
    let public = || Setup::sqlite().with("VESTIBULE_LISTEN", "0.0.0.0:0");
    refused(public(), "the local mailbox must not be shown on 0.0.0.0:0");
    let mailed = public().with("EMAIL_HOST", "mail.test").with("EMAIL_FROM", "a@mail.test");
    refused(mailed.unlimited(), "limits are off while the listener, 0.0.0.0:0, can be reached from outside");
    let url = "postgres://nobody@127.0.0.1:1/nothing";
    refused(
        Setup::at(url).without("VESTIBULE_SECRET"),
        "there is no secret, and all nodes on one PostgreSQL must share",
    );
    refused(Setup::sqlite().with("VESTIBULE_SECRET", "short"), "fewer than 32");
    refused(Setup::at("mysql://x@y/z"), "there is no store for `mysql:`");
}

#[test]
fn an_occupied_port_is_told_as_such() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let setup = Setup::memory().with("VESTIBULE_LISTEN", address.to_string());
    let words = format!("cannot listen on {address}: Address already in use");
    setup.run(&["serve"]).expect_refusal(1, &words);
    let setup = Setup::memory().with("VESTIBULE_METRICS_LISTEN", address.to_string());
    setup.run(&["serve"]).expect_refusal(1, &words);
    setup.run(&["serve"]).expect_refusal(1, "set VESTIBULE_METRICS_LISTEN to another address or port, or to `off`");
}

#[test]
fn the_notices_name_what_the_program_contains() {
    let notices = Setup::memory().run(&["licenses"]).expect(0).stdout;
    for named in ["GeoNames", "- actix-web 4.", "Apache License", "Independent JPEG Group"] {
        assert!(notices.contains(named), "{named}");
    }
}

#[test]
fn shells_and_man_are_told_every_command() {
    let setup = Setup::memory();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = setup.run(&["completions", shell]).expect(0).stdout;
        assert!(script.contains("end-sessions") && script.contains("hash-cost-above"), "{shell}");
    }
    setup.run(&["completions", "tcsh"]).expect(2);
    let page = setup.run(&["man"]).expect(0).stdout;
    assert!(page.starts_with(".ie") && page.contains(".TH vestibule 1"), "{page}");
    assert!(page.contains("end\\-sessions") && page.contains("hash\\-cost\\-above"), "{page}");
}
