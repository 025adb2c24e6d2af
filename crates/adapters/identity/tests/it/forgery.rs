//! Tokens that must be refused, each as what it is.

use serde_json::{Value, json};
use vestibule_ports::{CredentialRejection, IdentityProvider};
use vestibule_testkit::{
    FixedClock,
    provider::{Members, SigningKey, ids, members},
};

use crate::{World, ada, rejection};

fn header(changes: &Value) -> Members {
    let mut header = json!({ "alg": "RS256", "kid": "key-0", "typ": "JWT" });
    for (name, value) in changes.as_object().unwrap() {
        header[name] = value.clone();
    }
    members(header)
}

/// What becomes of a token that Google itself has signed, with other claims.
async fn with_claim(name: &str, value: Value) -> CredentialRejection {
    let world = World::new();
    let mut claims = world.local.google_claims(&ada(), FixedClock::START);
    claims.insert(name.to_owned(), value);
    rejection(world.google().prove(&world.local.sign(&claims)).await)
}

#[tokio::test]
async fn a_token_for_another_application_is_refused() {
    let expected = CredentialRejection::Audience { expected: ids::GOOGLE_CLIENT_ID.to_owned() };
    for audience in [
        json!("other.apps.googleusercontent.test"),
        json!(""),
        json!(null),
        json!([]),
        json!([ids::GOOGLE_CLIENT_ID, "other"]),
        json!({ "0": ids::GOOGLE_CLIENT_ID }),
    ] {
        assert_eq!(with_claim("aud", audience).await, expected);
    }
}

#[tokio::test]
async fn a_token_of_another_issuer_is_refused() {
    let expected = CredentialRejection::Issuer { expected: "https://accounts.google.com".to_owned() };
    for issuer in [json!("https://accounts.google.com.evil.test"), json!("http://accounts.google.com"), json!(null)] {
        assert_eq!(with_claim("iss", issuer).await, expected);
    }
}

#[tokio::test]
async fn an_expired_token_is_refused_and_so_is_one_without_end() {
    for expiry in [json!(FixedClock::START.unix_timestamp() - 60), json!(null), json!("never"), json!(i64::MIN)] {
        assert_eq!(with_claim("exp", expiry).await, CredentialRejection::Expired);
    }
}

#[tokio::test]
async fn a_token_of_nobody_is_refused() {
    for subject in [json!(""), json!(null), json!(7), json!("a b"), json!("x".repeat(256))] {
        assert_eq!(with_claim("sub", subject).await, CredentialRejection::Malformed);
    }
}

#[tokio::test]
async fn a_token_by_another_algorithm_is_refused_whatever_its_signature() {
    let world = World::new();
    let (google, key) = (world.google(), world.local.signing_key());
    let claims = world.local.google_claims(&ada(), FixedClock::START);
    let unsigned = |algorithm: &str| {
        let token = key.sign(&header(&json!({ "alg": algorithm })), &claims);
        format!("{}.", token.rsplit_once('.').unwrap().0)
    };
    let confused = key.forge_with_public_key(&header(&json!({ "alg": "HS256" })), &claims);
    let mut tokens = vec![confused, unsigned("none"), unsigned("None"), unsigned("nOnE")];
    for algorithm in ["RS384", "PS256", "ES256", "rs256", ""] {
        tokens.push(key.sign(&header(&json!({ "alg": algorithm })), &claims));
    }
    tokens.push(key.sign(&header(&json!({ "alg": ["RS256"] })), &claims));
    for token in tokens {
        assert_eq!(rejection(google.prove(&token).await), CredentialRejection::Algorithm, "{token}");
    }
    assert_eq!(world.local.requests("/google/certs"), 0, "no key is needed to refuse them");
}

#[tokio::test]
async fn a_token_that_google_has_not_signed_is_refused() {
    let world = World::new();
    let (google, key) = (world.google(), world.local.signing_key());
    let claims = world.local.google_claims(&ada(), FixedClock::START);
    let good = key.sign(&header(&json!({})), &claims);
    let (message, signature) = good.rsplit_once('.').unwrap();
    let mut others = claims.clone();
    others.insert("sub".to_owned(), json!("1"));
    let other_message = key.sign(&header(&json!({})), &others);
    let other_message = other_message.rsplit_once('.').unwrap().0;
    let stranger = SigningKey::numbered(1);
    for token in [
        format!("{other_message}.{signature}"),
        format!("{message}."),
        format!("{message}.AAAA"),
        stranger.sign(&header(&json!({})), &claims),
        stranger.sign(&header(&json!({ "kid": "key-1" })), &claims),
        key.sign(&header(&json!({ "kid": "no such key" })), &claims),
        key.sign(&header(&json!({ "kid": 0 })), &claims),
        key.sign(&header(&json!({ "kid": "", "jwk": { "kty": "RSA" }, "jku": "http://127.0.0.1:1/" })), &claims),
        key.forge_with_public_key(&header(&json!({})), &claims),
    ] {
        assert_eq!(rejection(google.prove(&token).await), CredentialRejection::Signature, "{token}");
    }
    google.prove(&good).await.unwrap();
}

#[tokio::test]
async fn a_forged_token_is_refused_for_its_signature_before_its_claims_are_looked_at() {
    let world = World::new();
    let claims = members(json!({ "aud": "x", "iss": "x", "exp": 0 }));
    let token = SigningKey::numbered(1).sign(&header(&json!({})), &claims);
    assert_eq!(rejection(world.google().prove(&token).await), CredentialRejection::Signature);
}

#[tokio::test]
async fn what_is_not_a_token_is_malformed() {
    let world = World::new();
    let google = world.google();
    let mut claims = world.local.google_claims(&ada(), FixedClock::START);
    let good = world.local.sign(&claims);
    let critical = world.local.signing_key().sign(&header(&json!({ "crit": ["b64"], "b64": false })), &claims);
    claims.insert("padding".to_owned(), json!("x".repeat(16 * 1024)));
    let oversized = world.local.sign(&claims);
    for token in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "a.b.c".to_owned(),
        "e30.e30".to_owned(),
        "W10.W10.W10".to_owned(),
        format!("{good}.e30"),
        format!("{good}="),
        format!(" {good}"),
        "\u{1F511}.\u{1F511}.\u{1F511}".to_owned(),
        "x".repeat(1024 * 1024),
        critical,
        oversized,
    ] {
        assert_eq!(rejection(google.prove(&token).await), CredentialRejection::Malformed, "{token:.40}");
    }
    google.prove(&good).await.unwrap();
}

#[tokio::test]
async fn a_token_of_just_under_16_kib_is_read() {
    let world = World::new();
    let mut claims = world.local.google_claims(&ada(), FixedClock::START);
    claims.insert("padding".to_owned(), json!("x".repeat(11 * 1024)));
    let token = world.local.sign(&claims);
    assert!(token.len() > 15 * 1024);
    world.google().prove(&token).await.unwrap();
}
