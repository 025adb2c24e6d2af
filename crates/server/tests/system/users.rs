//! `vestibule user …` beside a running server.

use serde_json::{Value, json};

use crate::support::{
    Account, Database, PASSWORD, PATIENCE, Server, Setup, assert_failed,
    contacts::{email, login, me},
    setup::Outcome,
    within,
};

const NEW_PASSWORD: &str = "battery staple horse";

/// `user create … --password-stdin`, with JSON as its outcome.
fn create(setup: &Setup, arguments: &[&str], password: &str) -> Outcome {
    let all = [&["--json", "user", "create", "--password-stdin"], arguments].concat();
    setup.run_with_input(&all, password)
}

fn user(setup: &Setup, arguments: &[&str]) -> Value {
    setup.run(&[&["--json", "user"], arguments].concat()).expect(0).json()
}

fn started() -> (Setup, Server) {
    let setup = Setup::sqlite().unlimited();
    let server = setup.start();
    (setup, server)
}

fn token(server: &Server, email: &str, password: &str) -> String {
    Account::from_reply(&server.call(&login(email, password))).token
}

#[test]
fn an_account_made_on_the_command_line_signs_in_at_once() {
    let (setup, server) = started();
    let arguments = ["--email", "Jo@Shop.test", "--username", "Jo_1", "--name", "Jo Doe", "--role", "admin"];
    let made = create(&setup, &arguments, "correct horse battery\r\nthe next line does not count\n").expect(0).json();
    assert_eq!(
        (&made["email"], &made["username"], &made["name"], &made["role"], &made["status"]),
        (&json!("jo@shop.test"), &json!("jo_1"), &json!("Jo Doe"), &json!("admin"), &json!("active"))
    );
    assert!(made["mailboxProvenAt"].is_string(), "{made}");
    let token = token(&server, "jo@shop.test", PASSWORD);
    assert_eq!(server.call(&me(&token)).json()["data"]["id"], made["id"]);

    for name in ["jo@shop.test", "jo_1", made["id"].as_str().unwrap(), made["uuid"].as_str().unwrap()] {
        assert_eq!(user(&setup, &["show", name]), made);
    }
    let shown = setup.run(&["user", "show", "jo_1"]).expect(0).stdout;
    assert!(shown.contains("jo@shop.test") && !shown.contains("$2b$"), "{shown}");
    let plain = ["user", "create", "--email", "bo@shop.test", "--role", "user", "--password-stdin"];
    let id = setup.run_with_input(&plain, PASSWORD).expect(0).stdout;
    assert_eq!(user(&setup, &["show", "bo@shop.test"])["id"], id.trim_end());
    server.stop();
}

#[test]
fn what_cannot_be_made_is_refused_by_its_reason() {
    let (setup, _server) = started();
    let jo = ["--email", "jo@shop.test", "--username", "jo_1", "--role", "user"];
    create(&setup, &jo, "1234567").expect_refusal(2, "it must have 8 characters to 72 bytes");
    create(&setup, &jo, &"x".repeat(73)).expect_refusal(2, "it must have 8 characters to 72 bytes");
    create(&setup, &jo, "").expect_refusal(2, "it must have 8 characters to 72 bytes");
    create(&setup, &jo, "Password1").expect_refusal(2, "one of the most common ones: choose another one");
    setup.run(&["user", "show", "jo_1"]).expect_refusal(5, "no such account");
    create(&setup, &jo, PASSWORD).expect(0);
    create(&setup, &jo, PASSWORD).expect_refusal(6, "e-mail");
    let other = ["--email", "other@shop.test", "--username", "JO_1", "--role", "user"];
    create(&setup, &other, PASSWORD).expect_refusal(6, "user name");
    for arguments in [
        &["show", "nobody@shop.test"][..],
        &["disable", "nobody@shop.test"],
        &["enable", "0123456789abcdef01234567"],
        &["set-role", "nobody@shop.test", "admin"],
        &["delete", "nobody@shop.test", "--yes"],
    ] {
        setup.run(&[&["user"], arguments].concat()).expect_refusal(5, "no such account");
    }
    let outcome = setup.run_with_input(&["user", "set-password", "jo_1", "--password-stdin"], "short");
    outcome.expect_refusal(2, "it must have 8 characters to 72 bytes");
    setup.run(&["user", "delete", "jo_1"]).expect_refusal(2, "--yes");
}

#[test]
fn accounts_are_looked_after_while_files_of_mail_are_away() {
    let (setup, server) = started();
    let account = server.register(&email());
    let setup = setup
        .with("EMAIL_HOST", "localhost")
        .with("EMAIL_FROM", "a@b.test")
        .with("VESTIBULE_EMAIL_CA_FILE", "/nonexistent/ca.pem")
        .with("VESTIBULE_EMAIL_TEMPLATES", "/nonexistent/mail");
    user(&setup, &["disable", &account.email]);
    assert_eq!(server.me(&account.token), 401);
    setup.run(&["events", "list"]).expect(0);
    setup.run(&["mail", "test", "--to", "a@b.test"]).expect_refusal(3, "VESTIBULE_EMAIL_TEMPLATES");
    server.stop();
}

#[test]
fn accounts_are_listed_in_pages() {
    let (setup, server) = started();
    let emails: Vec<String> = (0..5).map(|_| email()).collect();
    for email in &emails {
        server.register(email);
    }
    let page = user(&setup, &["list", "--limit", "3"]);
    assert_eq!((page["users"].as_array().map(Vec::len), &page["hasMore"]), (Some(3), &json!(true)));
    let rest = user(&setup, &["list", "--after", page["users"][2]["id"].as_str().unwrap()]);
    assert_eq!((rest["users"].as_array().map(Vec::len), &rest["hasMore"]), (Some(2), &json!(false)));
    let text = setup.run(&["user", "list", "--limit", "4"]).expect(0).stdout;
    assert_eq!(text.lines().count(), 5);
    assert!(text.contains("… more: --after "), "{text}");
    assert_eq!(user(&setup, &["list", "--role", "root"])["users"], json!([]));
    server.stop();
}

/// The log line at start about hashes that are costlier than configured.
fn dear(server: &Server) -> Option<(Value, Value, String)> {
    let lines = server.log_lines().into_iter();
    let said = lines.filter(|line| line["message"].as_str().is_some_and(|text| text.contains("--hash-cost-above")));
    let mut said: Vec<_> = said
        .map(|line| {
            assert_eq!(line["level"], "WARN", "{line}");
            (line["accounts"].clone(), line["cost"].clone(), line["message"].as_str().unwrap().to_owned())
        })
        .collect();
    assert!(said.len() <= 1, "{said:?}");
    said.pop()
}

fn dear_hashes_are_told_and_found(setup: &Setup) {
    let server = setup.start();
    assert_eq!(dear(&server), None);
    let id = server.register(&email()).id;
    server.stop();

    let server = setup.start();
    assert_eq!(dear(&server), None);
    server.stop();
    let list = |cost: &str| user(setup, &["list", "--hash-cost-above", cost])["users"].clone();
    assert_eq!(list("10")[0]["id"], json!(id));
    assert_eq!(list("11"), json!([]));
}

#[test]
fn accounts_with_a_dear_hash_are_found_on_sqlite_and_told_of_at_the_start() {
    let setup = Setup::sqlite().unlimited().with("VESTIBULE_BCRYPT_COST", "11");
    dear_hashes_are_told_and_found(&setup);
    let server = setup.with("VESTIBULE_BCRYPT_COST", "10").start();
    let (accounts, cost, message) = within(PATIENCE, "the line about hashes", || dear(&server));
    assert_eq!((accounts, cost), (json!(1), json!(10)));
    assert!(message.contains("`vestibule user list --hash-cost-above 10`"), "{message}");
    server.stop();
}

#[test]
fn accounts_with_a_dear_hash_are_found_on_postgres_and_told_of_at_the_start() {
    let database = Database::empty();
    let setup = Setup::postgres(&database).unlimited().with("VESTIBULE_BCRYPT_COST", "11");
    dear_hashes_are_told_and_found(&setup);
    let server = setup.with("VESTIBULE_BCRYPT_COST", "10").start();
    assert_eq!(within(PATIENCE, "the line about hashes", || dear(&server)).0, json!(1));
    server.stop();
}

#[test]
fn a_start_goes_on_where_hashes_cannot_be_counted() {
    let database = Database::empty();
    let setup = Setup::postgres(&database);
    setup.start().stop();
    // Only the list by costs reads this column by itself.
    database.query("ALTER TABLE accounts RENAME COLUMN password_hash TO hidden");
    let server = setup.start();
    within(PATIENCE, "the line about the failure", || server.log().contains("cannot be counted").then_some(()));
    assert_eq!(server.get("/health/ready").status, 200);
    server.stop();
}

#[test]
fn what_is_done_to_an_account_ends_its_tokens_at_once() {
    let (setup, server) = started();
    let account = server.register(&email());
    let name = account.email.as_str();
    let gone = |token: &str| assert_failed(&server.call(&me(token)), 401, "Not authorized, no token");
    assert_eq!(server.me(&account.token), 200);

    assert_eq!(user(&setup, &["disable", name])["status"], "disabled");
    gone(&account.token);
    assert_failed(&server.call(&login(name, PASSWORD)), 401, "Invalid credentials");
    assert_eq!(user(&setup, &["enable", name])["status"], "active");
    gone(&account.token);
    let token_of_now = token(&server, name, PASSWORD);
    assert_eq!(server.me(&token_of_now), 200);

    let arguments = ["user", "set-password", name, "--password-stdin"];
    setup.run_with_input(&arguments, NEW_PASSWORD).expect(0);
    gone(&token_of_now);
    assert_eq!((server.login(name, PASSWORD), server.login(name, NEW_PASSWORD)), (401, 200));

    let last = token(&server, name, NEW_PASSWORD);
    assert_eq!(user(&setup, &["set-role", name, "admin"])["role"], "admin");
    assert_eq!(user(&setup, &["delete", name, "--yes"])["deleted"], account.id);
    let reply = server.call(&me(&last));
    // If the new role has not ended it already.
    assert!(matches!(reply.status, 401 | 404), "{reply:?}");
    assert_eq!(server.login(name, NEW_PASSWORD), 401);
    setup.run(&["user", "show", name]).expect(5);
    server.register(name);
    server.stop();
}

#[test]
fn the_last_root_stays() {
    let (setup, server) = started();
    create(&setup, &["--email", "root@shop.test", "--role", "root"], PASSWORD).expect(0);
    let refused = |arguments: &[&str]| setup.run(&[&["user"], arguments].concat()).expect_refusal(6, "root");
    refused(&["disable", "root@shop.test"]);
    refused(&["set-role", "root@shop.test", "admin"]);
    refused(&["delete", "root@shop.test", "--yes"]);
    assert_eq!(server.login("root@shop.test", PASSWORD), 200);

    create(&setup, &["--email", "two@shop.test", "--role", "root"], PASSWORD).expect(0);
    user(&setup, &["disable", "root@shop.test"]);
    refused(&["delete", "two@shop.test", "--yes"]);
    user(&setup, &["delete", "root@shop.test", "--yes"]);
    server.stop();
    assert_eq!(setup.start().fact("root"), "there is one");
}

#[test]
fn the_memory_store_is_out_of_reach() {
    let words = "start the server with VESTIBULE_ROOT_EMAIL and VESTIBULE_ROOT_PASSWORD";
    Setup::memory().run(&["user", "list"]).expect_refusal(3, words);
    let setup =
        Setup::memory().with("VESTIBULE_ROOT_EMAIL", "root@shop.test").with("VESTIBULE_ROOT_PASSWORD", PASSWORD);
    let server = setup.start();
    assert_eq!(server.login("root@shop.test", PASSWORD), 200);
    server.stop();
}
