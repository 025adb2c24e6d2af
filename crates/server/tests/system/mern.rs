//! The dialect `mern`, from the sign-up to the deletion, with crashes in between.

use serde_json::json;

use crate::support::{
    Database, PASSWORD, Request, Server, Setup,
    mern::{PROFILE, USERS, assert_done, assert_error, put, sign_in},
};

const EMAIL: &str = "alice@example.com";
const NEW_PASSWORD: &str = "battery staple horse";
const SENT: &str = "A verification email has been sent to your email";

/// Signs Alice up; gives the token of the link that was mailed.
fn sign_up(server: &Server) -> String {
    let alice = json!({ "username": "Alice", "email": EMAIL, "password": PASSWORD, "firstName": "Alice" });
    assert_done(&server.post("/api/auth/signup", &alice), 201, SENT);
    // An unproven sign-up may be repeated, but a mailbox gets one such mail a minute.
    let too_many = "Too many requests from this IP, please try again later.";
    assert_error(&server.post("/api/auth/signup", &alice), 429, too_many);
    assert_error(&server.call(&sign_in("alice", PASSWORD)), 401, "Email is not verified");
    assert_eq!(server.mail_to(EMAIL)["subject"], "MERN Stack - Verify your email");
    server.mailed_token(EMAIL, "verify-email")
}

fn verify(server: &Server, link: &str) {
    let open =
        |password: &str| server.post(&format!("/api/auth/verify-email/{link}"), &json!({ "password": password }));
    assert_error(&open("another password"), 422, "Password is incorrect");
    assert_done(&open(PASSWORD), 200, "Email verified");
    assert_error(&open(PASSWORD), 422, "Token expired");
}

/// Asks for a link, which a crash does not lose, and sets a password by it.
fn reset(server: Server, setup: &Setup) -> Server {
    let request = json!({ "email": EMAIL, "tokenPurpose": "reset-password" });
    assert_done(
        &server.post("/api/auth/send-token", &request),
        200,
        "A password-reset email has been sent to your email",
    );
    let link = server.mailed_token(EMAIL, "reset-password");
    let server = setup.restart_after_crash(server);
    let path = format!("/api/auth/reset-password/{link}");
    let body = json!({ "email": EMAIL, "password": NEW_PASSWORD });
    assert_done(&server.post(&path, &body), 200, "Password reset");
    assert_error(&server.post(&path, &body), 422, "Token expired");
    assert_error(&server.call(&sign_in("alice", PASSWORD)), 401, "Password is incorrect");
    server
}

/// Lists all users as root and gives Alice rights, which her token has at once; returns Alice's id.
fn administer(server: &Server, root: &str, alice: &str) -> String {
    let list = server.get_as(root, &format!("{USERS}?sort=username&limit=30")).json();
    assert_eq!((&list["usersCount"], &list["users"][0]["email"]), (&json!(2), &json!(EMAIL)));
    let id = list["users"][0]["id"].as_str().unwrap().to_owned();
    assert_error(&server.get_as(alice, USERS), 403, "Forbidden action");
    let change = json!({ "role": "admin", "permissions": { "userModify": true } });
    let path = format!("{USERS}/{id}");
    assert_error(&server.call(&put(&path, &change).bearer(alice)), 403, "Forbidden action");
    let changed = server.call(&put(&path, &change).bearer(root));
    assert_eq!((changed.status, &changed.json()["user"]["role"]), (200, &json!("admin")), "{changed:?}");
    id
}

fn walk(setup: &Setup) {
    let create = ["user", "create", "--email", "root@example.com", "--username", "root", "--role", "root"];
    setup.run_with_input(&[&create[..], &["--password-stdin"]].concat(), PASSWORD).expect(0);
    let server = setup.start();
    let link = sign_up(&server);
    let server = setup.restart_after_crash(server);
    verify(&server, &link);
    let before = server.token_of("alice", PASSWORD);
    let renamed = server.call(&put(PROFILE, &json!({ "lastName": "Martin" })).bearer(&before));
    assert_eq!((renamed.status, &renamed.json()["user"]["lastName"]), (200, &json!("Martin")), "{renamed:?}");

    let server = reset(server, setup);
    assert_error(&server.get_as(&before, PROFILE), 401, "Invalid JWT token");
    let (alice, root) = (server.token_of("alice", NEW_PASSWORD), server.token_of("root", PASSWORD));
    let profile = server.get_as(&alice, PROFILE).json()["profile"].clone();
    assert_eq!(
        [&profile["username"], &profile["firstName"], &profile["lastName"], &profile["status"], &profile["role"]],
        ["alice", "Alice", "Martin", "active", "user"]
    );
    let id = administer(&server, &root, &alice);

    let server = setup.restart_after_crash(server);
    let profile = server.get_as(&alice, PROFILE).json()["profile"].clone();
    assert_eq!((&profile["role"], &profile["permissions"]["userModify"]), (&json!("admin"), &json!(true)));
    assert_eq!(server.get_as(&alice, USERS).json()["usersCount"], 2);
    let itself = server.get_as(&root, PROFILE).json()["profile"]["id"].clone();
    let delete = |id: &str| server.call(&Request::get(format!("{USERS}/{id}")).method("DELETE").bearer(&root));
    assert_error(&delete(itself.as_str().unwrap()), 403, "Forbidden action");
    assert_done(&delete(&id), 200, "User deleted.");
    assert_eq!(delete(&id).status, 422);
    assert_error(&server.get_as(&alice, PROFILE), 401, "Invalid credentials");

    let server = setup.restart_after_crash(server);
    assert_eq!(server.get_as(&root, USERS).json()["usersCount"], 1);
    let log = server.log();
    for secret in [PASSWORD, NEW_PASSWORD, EMAIL, &link, &alice, &root] {
        assert!(!log.contains(secret), "{secret} is in the log: {log}");
    }
    server.stop();
}

#[test]
fn an_account_lives_from_its_sign_up_to_its_deletion_on_sqlite() {
    walk(&Setup::sqlite().with("VESTIBULE_MERN_VERIFY_EMAIL", "on"));
}

#[test]
fn an_account_lives_from_its_sign_up_to_its_deletion_on_postgres() {
    let database = Database::empty();
    walk(&Setup::postgres(&database).with("VESTIBULE_MERN_VERIFY_EMAIL", "on"));
}
