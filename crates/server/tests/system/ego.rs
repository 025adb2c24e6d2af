//! The dialect `ego`, from the sign-up to the deletion, with crashes in between, and what the command line tells of it.

use serde_json::{Value, json};

use crate::support::{Database, PASSWORD, Reply, Request, Server, Setup};

const EMAIL: &str = "alice@example.com";
const NEW_PASSWORD: &str = "battery staple horse";
const USERS: &str = "/api/v1/users";

fn call(server: &Server, path: &str, body: &Value) -> Reply {
    server.post(&format!("{USERS}{path}"), body)
}

fn call_as(server: &Server, token: &str, path: &str, body: &Value) -> Reply {
    server.call(&Request::post(format!("{USERS}{path}"), body).bearer(token))
}

#[track_caller]
fn assert_reply(reply: &Reply, status: u16, body: &Value) {
    assert_eq!((reply.status, &reply.json()), (status, body), "{reply:?}");
}

#[track_caller]
fn assert_error(reply: &Reply, status: u16, code: u16, message: &str) {
    assert_reply(reply, status, &json!({ "message": message, "errorCode": code, "errors": null }));
}

fn is_no_token(reply: &Reply) -> bool {
    (reply.status, reply.json()) == (401, json!({ "message": "Token non valide" }))
}

/// Signs Alice up; gives the code that was mailed.
fn sign_up(server: &Server) -> String {
    let alice = json!({ "firstname": "Alice", "lastname": "Martin", "email": EMAIL, "password": PASSWORD });
    let pending = json!({
        "status": "pending",
        "message": "Utilisateur enregistré. Veuillez vérifier votre email pour l'OTP.",
    });
    assert_reply(&call(server, "/register/", &alice), 201, &pending);
    let mail = server.mail_to(EMAIL);
    assert_eq!(mail["subject"], "Verification OTP");
    let text = mail["text"].as_str().unwrap();
    let is_code =
        |word: &&str| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b));
    text.split_whitespace().find(is_code).expect("a code").to_owned()
}

/// The access and the refresh token of a sign-in.
fn sign_in(server: &Server, password: &str) -> (String, String) {
    let reply = call(server, "/login/", &json!({ "email": EMAIL, "password": password }));
    assert_eq!(reply.status, 200, "{reply:?}");
    tokens(&reply)
}

fn tokens(reply: &Reply) -> (String, String) {
    let text = |name: &str| reply.json()["data"]["token"][name].as_str().unwrap().to_owned();
    (text("accessToken"), text("refreshToken"))
}

fn refresh(server: &Server, token: &str, key: &str) -> Reply {
    let body = json!({ "refreshToken": token });
    server.call(&Request::post(format!("{USERS}/refresh-token/"), &body).header("Idempotency-Key", key))
}

/// Refreshes, loses the answer to a crash, and gets the same one again; then a copy is used and detected.
fn rotate(server: Server, setup: &Setup) -> Server {
    let (access, first) = sign_in(&server, PASSWORD);
    let lost = tokens(&refresh(&server, &first, "one"));
    let server = setup.restart_after_crash(server);
    let second = tokens(&refresh(&server, &first, "one"));
    assert_eq!(second.1, lost.1, "a retry gets the same successor");
    let third = tokens(&refresh(&server, &second.1, "two"));
    assert!(is_no_token(&refresh(&server, &first, "a thief")));
    assert!(is_no_token(&refresh(&server, &third.1, "three")), "the session has ended");
    for ended in [&access, &third.0] {
        assert!(is_no_token(&call_as(&server, ended, "/logout/", &json!({}))));
    }
    server
}

/// Sets a password by the mailed token, which ends the earlier sessions.
fn reset(server: &Server) {
    let (before, _) = sign_in(server, PASSWORD);
    let pending = json!({
        "status": "pending",
        "message": "Un email a été envoyé pour réinitialiser votre mot de passe",
    });
    assert_reply(&call(server, "/request-reset-password/", &json!({ "email": EMAIL })), 200, &pending);
    let mail = server.mail_to(EMAIL);
    assert_eq!(mail["subject"], "Réinitialisation du mot de passe");
    let text = mail["text"].as_str().unwrap();
    let token = text.split_once("/reset-password?token=").unwrap().1.split_whitespace().next().unwrap();
    let body = json!({ "token": token, "newPassword": NEW_PASSWORD });
    let done = json!({ "status": "sucess", "message": "Password reinitialié avec succes" });
    assert_reply(&call(server, "/reset-password/", &body), 200, &done);
    assert_error(&call(server, "/reset-password/", &body), 400, 1015, "Le token est invalid ou a expiré");
    assert!(is_no_token(&call_as(server, &before, "/logout/", &json!({}))));
    let refused = call(server, "/login/", &json!({ "email": EMAIL, "password": PASSWORD }));
    assert_error(&refused, 401, 1003, "Email ou mot de passe incorrect");
}

fn kinds(setup: &Setup, account: &str) -> Vec<String> {
    let listed = setup.run(&["--json", "events", "list", "--account", account]).expect(0).json();
    let kind = |event: &Value| event["kind"].as_str().unwrap().to_owned();
    listed["events"].as_array().unwrap().iter().rev().map(kind).collect()
}

fn walk(setup: &Setup) {
    let server = setup.start();
    let code = sign_up(&server);
    let server = setup.restart_after_crash(server);
    assert_error(
        &call(&server, "/verify-otp/", &json!({ "email": EMAIL, "otp": "zzzzzz" })),
        400,
        1009,
        "Code OTP invalide ou expiré",
    );
    let verified = json!({ "status": "success", "message": "Code OTP vérifié avec succès" });
    let body = json!({ "email": EMAIL, "otp": code.to_lowercase() });
    assert_reply(&call(&server, "/verify-otp/", &body), 200, &verified);

    let server = rotate(server, setup);
    reset(&server);
    let (access, _) = sign_in(&server, NEW_PASSWORD);
    let updated = call_as(&server, &access, "/update/", &json!({ "phoneNumber": "+33 1 23 45", "lastname": "Durand" }));
    let server = setup.restart_after_crash(server);
    let user = updated.json()["data"].clone();
    assert_eq!(
        [&user["firstname"], &user["lastname"], &user["phoneNumber"], &user["status"], &user["statusKyc"]],
        ["Alice", "Durand", "+33 1 23 45", "active", "none"]
    );
    assert_eq!((&user["isVerified"], user.get("password")), (&json!(true), None));
    let id = user["id"].as_str().unwrap();

    let deleted = json!({ "status": "success", "message": "suppression reussie" });
    assert_reply(&call_as(&server, &access, "/delete/", &json!({})), 200, &deleted);
    let server = setup.restart_after_crash(server);
    assert!(is_no_token(&call_as(&server, &access, "/logout/", &json!({}))));
    let expected = ["sign-in", "refresh-reuse", "sign-in", "password-change", "sign-in-failed", "sign-in", "deletion"];
    assert_eq!(kinds(setup, id), expected, "also of an account that is gone");
    let log = server.log();
    for secret in [PASSWORD, NEW_PASSWORD, EMAIL, &access] {
        assert!(!log.contains(secret), "{secret} is in the log: {log}");
    }
    server.stop();
}

#[test]
fn an_account_lives_in_french_from_its_sign_up_to_its_deletion_on_sqlite() {
    walk(&Setup::sqlite().unlimited());
}

#[test]
fn an_account_lives_in_french_from_its_sign_up_to_its_deletion_on_postgres() {
    let database = Database::empty();
    walk(&Setup::postgres(&database).unlimited());
}

#[test]
fn an_operator_sees_the_sessions_of_an_account_and_ends_them() {
    let setup = Setup::sqlite().unlimited();
    let server = setup.start();
    let code = sign_up(&server);
    assert_eq!(call(&server, "/verify-otp/", &json!({ "email": EMAIL, "otp": code })).status, 200);
    let sessions = || setup.run(&["--json", "user", "sessions", EMAIL]).expect(0).json()["sessions"].clone();
    let before = sessions().as_array().unwrap().len();
    let (access, refresh) = sign_in(&server, PASSWORD);
    sign_in(&server, PASSWORD);
    let listed = sessions();
    let count = listed.as_array().unwrap().len();
    assert_eq!(count, before + 2, "{listed}");
    assert!(listed[0]["beganAt"].is_string() && listed[0]["expiresAt"].is_string(), "{listed}");
    assert_eq!(setup.run(&["user", "sessions", EMAIL]).expect(0).stdout.lines().count(), count);

    let ended = setup.run(&["--json", "user", "end-sessions", EMAIL]).expect(0).json();
    assert_eq!(ended, json!({ "ended": count }));
    assert_eq!(sessions(), json!([]));
    assert!(is_no_token(&call_as(&server, &access, "/update/", &json!({ "lastname": "Durand" }))));
    assert!(is_no_token(&self::refresh(&server, &refresh, "key")));
    sign_in(&server, PASSWORD);
    assert_eq!(setup.run(&["user", "sessions", EMAIL]).expect(0).stdout.lines().count(), 1);
    let events = setup.run(&["events", "list", "--account", EMAIL]).expect(0).stdout;
    assert!(events.contains("sign-out"), "{events}");
    setup.run(&["user", "end-sessions", "bob@example.com"]).expect_refusal(5, "no such account");
    server.stop();
}
