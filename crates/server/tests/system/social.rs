//! Sign-in by Google, Facebook and Apple: the real binary asks a provider of this machine over TLS.

use std::fs;

use serde_json::{Value, json};
use vestibule_ports::Clock;
use vestibule_system::SystemClock;
use vestibule_testkit::{
    LocalProvider,
    provider::{Misbehaviour, Person, SigningKey, members},
};

use crate::support::{
    Certificates, Database, Reply, Server, Setup,
    mern::{PROFILE, assert_error, token},
};

const UNAVAILABLE: &str = "Sign-in provider is unavailable";
const NAMES: [&str; 3] = ["google", "facebook", "apple"];

fn ada() -> Person {
    Person::new("1076915035000615071", "ada@example.com")
}

/// A provider with a certificate, and a server that trusts the authority of these certificates, and no other.
fn world(setup: Setup, trusted: &Certificates, of_provider: &Certificates) -> (Setup, LocalProvider) {
    let provider = LocalProvider::start_encrypted(&of_provider.certificate, &of_provider.key);
    let authority = setup.path(Certificates::AUTHORITY);
    fs::write(&authority, &trusted.authority).unwrap();
    let setup = setup.with("SSL_CERT_FILE", authority.display().to_string());
    let setup = provider.environment().into_iter().fold(setup, |setup, (name, value)| setup.with(name, value));
    (setup, provider)
}

fn credential(provider: &LocalProvider, name: &str) -> Value {
    let now = SystemClock.now();
    match name {
        "google" => json!({ "idToken": provider.google_id_token(&ada(), now) }),
        "facebook" => json!({ "accessToken": provider.facebook_token(ada()) }),
        _ => json!({ "code": provider.apple_code(&ada(), now), "user": { "name": { "firstName": "Ada" } } }),
    }
}

fn sign_in(server: &Server, name: &str, credential: &Value) -> Reply {
    server.post(&format!("/api/auth/{name}"), credential)
}

/// One person at all three providers, with a crash after each of them.
fn assert_sign_in_survives(setup: Setup) {
    let certificates = Certificates::of_this_machine();
    let (setup, provider) = world(setup, &certificates, &certificates);
    assert!(provider.google_jwks_url().starts_with("https://127.0.0.1:"));
    let mut ids = Vec::new();
    for (count, name) in (1..).zip(NAMES) {
        let server = setup.start();
        let reply = sign_in(&server, name, &credential(&provider, name));
        let token = token(&reply);
        assert_eq!(reply.json()["signedInWith"], name);
        let server = setup.restart_after_crash(server);
        let user = server.get_as(&token, PROFILE).json()["profile"].clone();
        assert_eq!((&user["email"], &user["status"]), (&json!("ada@example.com"), &json!("active")));
        assert_eq!(user["provider"].as_object().map(serde_json::Map::len), Some(count), "{user}");
        ids.push(user["id"].clone());
        server.stop();
    }
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[test]
fn three_providers_open_one_account_that_outlives_crashes_on_sqlite() {
    assert_sign_in_survives(Setup::sqlite());
}

#[test]
fn three_providers_open_one_account_that_outlives_crashes_on_postgres() {
    let database = Database::empty();
    assert_sign_in_survives(Setup::postgres(&database));
}

#[test]
fn a_provider_whose_certificate_nobody_vouches_for_is_told_nothing() {
    let (trusted, others) = (Certificates::of_this_machine(), Certificates::of_this_machine());
    let (setup, provider) = world(Setup::memory(), &trusted, &others);
    let server = setup.start();
    for name in NAMES {
        assert_error(&sign_in(&server, name, &credential(&provider, name)), 503, UNAVAILABLE);
    }
    for path in ["/google/certs", "/graph/debug_token", "/graph/me", "/apple/auth/token", "/apple/auth/keys"] {
        assert_eq!(provider.requests(path), 0, "{path}");
    }
    server.stop();
}

#[test]
fn hostile_tokens_and_a_failing_provider_leave_the_server_up() {
    let certificates = Certificates::of_this_machine();
    let (setup, provider) = world(Setup::memory().unlimited(), &certificates, &certificates);
    let server = setup.start();
    let (key, now) = (provider.signing_key(), SystemClock.now());
    let claims = provider.google_claims(&ada(), now);
    let header = |algorithm: &str, id: &str| members(json!({ "alg": algorithm, "kid": id }));
    for (hostile, message) in [
        (key.sign(&header("RS256", "unknown"), &claims), "invalid signature"),
        (SigningKey::numbered(1).sign(&header("RS256", &key.id), &claims), "invalid signature"),
        (key.sign(&header("none", &key.id), &claims), "invalid algorithm"),
        (key.forge_with_public_key(&header("HS256", &key.id), &claims), "invalid algorithm"),
        ("x".repeat(90 * 1024), "malformed idToken"),
    ] {
        assert_error(&sign_in(&server, "google", &json!({ "idToken": hostile })), 401, message);
    }
    for path in ["/graph/me", "/apple/auth/token"] {
        provider.misbehave(path, Misbehaviour::Reply(500, String::new()));
    }
    for name in ["facebook", "apple"] {
        assert_error(&sign_in(&server, name, &credential(&provider, name)), 503, UNAVAILABLE);
    }
    provider.behave();
    for name in NAMES {
        token(&sign_in(&server, name, &credential(&provider, name)));
    }
    server.stop();
}
