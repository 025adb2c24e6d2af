//! The seven requests of the dialect, as a client that has the document in hand makes them.

use serde_json::{Value, json};

use crate::support::{
    Account, Database, PASSWORD, Request, Server, Setup, assert_failed,
    contacts::{code_in, data, forgot_password, login, me, registration, verify_otp},
};

const EMAIL: &str = "alice@example.com";
const NEW_PASSWORD: &str = "battery staple horse";

/// Every text that must not be logged.
type Secrets = Vec<String>;

/// Walks through the contract and gives the secrets that were met.
fn walk(server: &Server) -> Secrets {
    let registered = server.call(&registration("  Alice@Example.com "));
    assert_eq!(registered.status, 201, "{registered:?}");
    let account = Account::from_reply(&registered);
    let same_but_token = json!({ "_id": account.id, "fullName": "Alice Martin", "email": EMAIL });
    assert_eq!((without_token(&data(&registered)), account.id.len()), (same_but_token.clone(), 24));
    assert_failed(&server.call(&registration(EMAIL)), 400, "User already exists");

    let signed_in = server.call(&login(EMAIL, PASSWORD));
    assert_eq!((signed_in.status, without_token(&data(&signed_in))), (200, same_but_token));
    assert_failed(&server.call(&login(EMAIL, "wrong password")), 401, "Invalid credentials");
    let token = Account::from_reply(&signed_in).token;

    let shown = server.call(&me(&token));
    assert_eq!(
        (shown.status, data(&shown)),
        (200, json!({ "id": account.id, "fullName": "Alice Martin", "email": EMAIL }))
    );
    assert_failed(&server.get("/api/auth/me"), 401, "Not authorized, no token");

    let code = forgotten(server);
    let (reset_token, new_token) = reset(server, &code, &token);
    look_up_contacts(server, &account, &new_token);
    let secrets = [code, reset_token, new_token, token, account.token, account.email, EMAIL.to_owned()];
    secrets.into_iter().chain([PASSWORD, NEW_PASSWORD, "Alice"].map(str::to_owned)).collect()
}

fn without_token(data: &Value) -> Value {
    let mut data = data.clone();
    assert!(data.as_object_mut().unwrap().remove("token").unwrap().is_string());
    data
}

/// Asks for a code and reads it where mail goes, as JSON and as the page.
fn forgotten(server: &Server) -> String {
    for email in [EMAIL, "nobody@example.com"] {
        let reply = server.call(&forgot_password(email));
        assert_eq!(reply.json(), json!({ "status": true, "message": "Success, an OTP has been sent.", "data": null }));
    }
    let mail = server.mail_to(EMAIL);
    assert_eq!(mail["to"], EMAIL);
    let code = code_in(mail["text"].as_str().unwrap());
    assert!(mail["html"].as_str().unwrap().contains(&code));
    let page = server.get("/dev/mailbox");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(page.text().contains(&code) && page.text().contains(EMAIL), "{page:?}");
    assert_eq!(server.get("/dev/mailbox/messages").json().as_array().map(Vec::len), Some(1));
    code
}

/// Spends the code and the grant for it; returns the grant and a token from afterwards.
fn reset(server: &Server, code: &str, old_token: &str) -> (String, String) {
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert_failed(&server.call(&verify_otp(EMAIL, wrong)), 400, "Invalid or expired OTP");
    let verified = server.call(&verify_otp(EMAIL, code));
    assert_eq!(verified.status, 200, "{verified:?}");
    let reset_token = data(&verified)["resetToken"].as_str().unwrap().to_owned();
    assert_failed(&server.call(&verify_otp(EMAIL, code)), 400, "Invalid or expired OTP");

    let set = |password: &str| {
        server.post("/api/auth/reset-password", &json!({ "resetToken": reset_token, "newPassword": password }))
    };
    assert_eq!(set("short").status, 400);
    let done = json!({ "status": true, "message": "Password reset successfully", "data": null });
    assert_eq!(set(NEW_PASSWORD).json(), done);
    assert_failed(&set(PASSWORD), 400, "Invalid or expired reset token");
    assert_failed(&server.call(&me(old_token)), 401, "Not authorized, no token");
    assert_failed(&server.call(&me(&reset_token)), 401, "Not authorized, no token");
    assert_failed(&server.call(&login(EMAIL, PASSWORD)), 401, "Invalid credentials");
    let signed_in = server.call(&login(EMAIL, NEW_PASSWORD));
    (reset_token, Account::from_reply(&signed_in).token)
}

fn look_up_contacts(server: &Server, account: &Account, token: &str) {
    let identifiers = json!({ "identifiers": ["nobody@example.com", "ALICE@example.com", "+33 1 23"] });
    let found = server.call(&Request::post("/api/auth/check-registered", &identifiers).bearer(token));
    let alice = json!({ "identifier": "ALICE@example.com", "userId": account.id, "fullName": "Alice Martin" });
    assert_eq!((found.status, data(&found)), (200, json!({ "registeredUsers": [alice] })));
    let unasked = server.call(&Request::post("/api/auth/check-registered", &json!({})).bearer(token));
    assert_failed(&unasked, 400, "Please provide identifiers array");
}

/// Each request has one line, and none holds what was secret in it.
fn assert_log_keeps_secrets(server: &Server, secrets: &Secrets) {
    let lines = server.log_lines();
    assert!(lines.iter().filter(|line| line["message"] == "answered").count() >= 18, "{lines:?}");
    let log = server.log().to_lowercase();
    for secret in secrets {
        assert!(!log.contains(&secret.to_lowercase()), "{secret} is in the log: {log}");
    }
}

fn walk_on(setup: &Setup) {
    let server = setup.start();
    let secrets = walk(&server);
    assert_log_keeps_secrets(&server, &secrets);
    server.stop();
}

#[test]
fn the_contract_holds_on_memory() {
    walk_on(&Setup::memory());
}

#[test]
fn the_contract_holds_on_sqlite() {
    walk_on(&Setup::sqlite());
}

#[test]
fn the_contract_holds_on_postgres() {
    let database = Database::empty();
    walk_on(&Setup::postgres(&database));
}

#[test]
fn nothing_secret_is_logged_on_the_most_talkative_level() {
    walk_on(&Setup::sqlite().with("RUST_LOG", "trace"));
}
