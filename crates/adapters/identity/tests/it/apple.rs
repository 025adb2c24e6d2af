//! Apple's codes.

use serde_json::{Value, json};
use vestibule_domain::{LinkedIdentity, ProvenIdentity, Provider, ProviderUserId};
use vestibule_identity::{AppleOptions, AppleProvider};
use vestibule_ports::{CredentialRejection, IdentityProvider};
use vestibule_testkit::{
    FixedClock,
    provider::{Misbehaviour, Person, ids},
};

use crate::{World, ada, rejection, trouble};

const TOKEN: &str = "/apple/auth/token";

#[tokio::test]
async fn a_code_proves_who_somebody_is_but_for_the_name() {
    let world = World::new();
    let proven = world.apple().prove(&world.local.apple_code(&ada(), FixedClock::START)).await.unwrap();
    let expected = ProvenIdentity {
        identity: LinkedIdentity {
            provider: Provider::Apple,
            user_id: ProviderUserId::parse("10769150350006150715113082367").unwrap(),
            picture: None,
        },
        email: Some("ada@example.test".parse().unwrap()),
        email_is_vouched_for: true,
        first_name: None,
        last_name: None,
    };
    assert_eq!(proven, expected);
}

#[tokio::test]
async fn the_client_secret_lives_five_minutes() {
    let world = World::new();
    world.apple().prove(&world.local.apple_code(&ada(), FixedClock::START)).await.unwrap();
    let now = FixedClock::START.unix_timestamp();
    let expected = json!({
        "iss": ids::APPLE_TEAM_ID,
        "sub": ids::APPLE_CLIENT_ID,
        "aud": "https://appleid.apple.com",
        "iat": now,
        "exp": now + 300,
    });
    assert_eq!(world.local.apple_secret_claims(), Some(expected));
}

#[tokio::test]
async fn a_key_in_one_line_with_written_line_breaks_is_read() {
    let world = World::new();
    let private_key = world.local.apple_private_key().replace('\n', "\\n").into();
    let apple = AppleProvider::new(AppleOptions { private_key, ..world.apple_options() }, world.clock.clone()).unwrap();
    apple.prove(&world.local.apple_code(&ada(), FixedClock::START)).await.unwrap();
}

#[tokio::test]
async fn an_address_is_vouched_for_only_if_apple_says_so() {
    let world = World::new();
    let apple = world.apple();
    for (verified, vouched) in
        [(json!("true"), true), (json!(true), true), (json!("false"), false), (json!(false), false)]
    {
        let mut claims = world.local.apple_claims(&ada(), FixedClock::START);
        claims.insert("email_verified".to_owned(), verified);
        let proven = apple.prove(&world.local.apple_code_for(Some(claims))).await.unwrap();
        assert_eq!(proven.email_is_vouched_for, vouched);
    }
    let shy = Person { email: None, ..ada() };
    let proven = apple.prove(&world.local.apple_code(&shy, FixedClock::START)).await.unwrap();
    assert_eq!((proven.email, proven.email_is_vouched_for), (None, false));
}

#[tokio::test]
async fn a_code_is_good_once_and_a_refusal_is_in_apples_words() {
    let world = World::new();
    let apple = world.apple();
    let code = world.local.apple_code(&ada(), FixedClock::START);
    apple.prove(&code).await.unwrap();
    let because = |words: &str| CredentialRejection::RefusedBecause(words.to_owned());
    assert_eq!(rejection(apple.prove(&code).await), because("The code has already been used."));
    assert_eq!(rejection(apple.prove("nonsense").await), because("The code has expired or has been revoked."));
}

#[tokio::test]
async fn apples_words_are_passed_on_in_one_short_line() {
    let world = World::new();
    let apple = world.apple();
    let refuse = |description: Value| {
        let body = json!({ "error": "invalid_grant", "error_description": description });
        world.local.misbehave(TOKEN, Misbehaviour::Reply(400, body.to_string()));
    };
    for nothing in [json!(null), json!(""), json!(" \n ")] {
        refuse(nothing);
        assert_eq!(rejection(apple.prove("code").await), CredentialRejection::Refused);
    }
    refuse(json!(format!("a\r\nb{}", "é".repeat(300))));
    let words = format!("ab{}", "é".repeat(196));
    let CredentialRejection::RefusedBecause(told) = rejection(apple.prove("code").await) else { panic!("no words") };
    assert!(told.starts_with(&words) && told.chars().count() == 200, "{told}");
}

#[tokio::test]
async fn a_code_for_nothing_gives_no_identity() {
    let world = World::new();
    let code = world.local.apple_code_for(None);
    assert_eq!(rejection(world.apple().prove(&code).await), CredentialRejection::NoIdentityToken);
}

#[tokio::test]
async fn apples_token_is_checked_like_any_other() {
    let world = World::new();
    let apple = world.apple();
    for (name, value, expected) in [
        ("aud", json!("other"), CredentialRejection::Audience { expected: ids::APPLE_CLIENT_ID.to_owned() }),
        ("iss", json!("other"), CredentialRejection::Issuer { expected: "https://appleid.apple.com".to_owned() }),
        ("exp", json!(0), CredentialRejection::Expired),
    ] {
        let mut claims = world.local.apple_claims(&ada(), FixedClock::START);
        claims.insert(name.to_owned(), value);
        assert_eq!(rejection(apple.prove(&world.local.apple_code_for(Some(claims))).await), expected);
    }
    let googles = world.local.google_id_token(&ada(), FixedClock::START);
    world.local.misbehave(TOKEN, Misbehaviour::Reply(200, json!({ "id_token": googles }).to_string()));
    assert!(matches!(rejection(apple.prove("code").await), CredentialRejection::Audience { .. }));
}

#[tokio::test]
async fn a_secret_that_apple_does_not_take_is_our_fault_not_the_clients() {
    let world = World::new();
    let stranger = World::new();
    let wrong = [
        AppleOptions { private_key: stranger.local.apple_private_key().into(), ..world.apple_options() },
        AppleOptions { team_id: "OTHER".to_owned(), ..world.apple_options() },
        AppleOptions { key_id: "OTHER".to_owned(), ..world.apple_options() },
        AppleOptions { client_id: "other".to_owned(), ..world.apple_options() },
    ];
    for options in wrong {
        let apple = AppleProvider::new(options, world.clock.clone()).unwrap();
        let words = trouble(apple.prove(&world.local.apple_code(&ada(), FixedClock::START)).await);
        assert!(words.contains("does not know our id or our key"), "{words}");
    }
}

#[tokio::test]
async fn what_cannot_be_a_code_is_refused_without_asking() {
    let world = World::new();
    let apple = world.apple();
    for code in ["", "a\nb", &"x".repeat(1025)] {
        assert_eq!(rejection(apple.prove(code).await), CredentialRejection::Refused);
    }
    assert_eq!(world.local.requests(TOKEN), 0);
}
