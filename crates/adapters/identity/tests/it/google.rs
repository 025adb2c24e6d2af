//! Google's good tokens, and what is read out of them.

use serde_json::{Value, json};
use vestibule_domain::{LinkedIdentity, NamePart, ProvenIdentity, Provider, ProviderUserId};
use vestibule_identity::{GoogleOptions, GoogleProvider};
use vestibule_ports::{CredentialRejection, IdentityProvider};
use vestibule_testkit::{FixedClock, provider::Members};

use crate::{World, ada, rejection};

#[tokio::test]
async fn a_token_of_google_proves_who_somebody_is() {
    let world = World::new();
    let token = world.local.google_id_token(&ada(), FixedClock::START);
    let proven = world.google().prove(&token).await.unwrap();
    let expected = ProvenIdentity {
        identity: LinkedIdentity {
            provider: Provider::Google,
            user_id: ProviderUserId::parse("10769150350006150715113082367").unwrap(),
            picture: Some("https://pictures.test/ada.png".to_owned()),
        },
        email: Some("ada@example.test".parse().unwrap()),
        email_is_vouched_for: true,
        first_name: NamePart::parse("Ada").ok(),
        last_name: NamePart::parse("Lovelace").ok(),
    };
    assert_eq!(proven, expected);
}

/// What is proven by a token for which some members were changed; null takes one out.
async fn prove(world: &World, changes: Value) -> ProvenIdentity {
    let token = world.local.sign(&changed(world, &changes));
    world.google().prove(&token).await.unwrap()
}

fn changed(world: &World, changes: &Value) -> Members {
    let mut claims = world.local.google_claims(&ada(), FixedClock::START);
    for (name, value) in changes.as_object().unwrap().clone() {
        if value.is_null() {
            claims.remove(&name)
        } else {
            claims.insert(name, value)
        };
    }
    claims
}

#[tokio::test]
async fn an_address_is_vouched_for_only_if_google_says_so() {
    let world = World::new();
    for (verified, vouched) in
        [(json!(true), true), (json!("true"), true), (json!(false), false), (json!("false"), false), (json!(1), false)]
    {
        let proven = prove(&world, json!({ "email_verified": verified })).await;
        assert_eq!((proven.email.is_some(), proven.email_is_vouched_for), (true, vouched), "{verified}");
    }
    let silent = prove(&world, json!({ "email_verified": null })).await;
    assert!(silent.email.is_some() && !silent.email_is_vouched_for);
    for email in [json!(null), json!("nonsense"), json!(7)] {
        let proven = prove(&world, json!({ "email": email })).await;
        assert_eq!((proven.email, proven.email_is_vouched_for), (None, false));
    }
}

#[tokio::test]
async fn names_and_pictures_of_no_use_are_left_out() {
    let world = World::new();
    let long = format!("https://pictures.test/{}", "a".repeat(2048));
    for picture in ["javascript:alert(1)", "http://pictures.test/a", "https://a b", "", long.as_str()] {
        assert_eq!(prove(&world, json!({ "picture": picture })).await.identity.picture, None, "{picture}");
    }
    let nameless = prove(&world, json!({ "given_name": " ", "family_name": "a\u{0}b", "picture": 1 })).await;
    assert_eq!((nameless.first_name, nameless.last_name, nameless.identity.picture), (None, None, None));
}

#[tokio::test]
async fn both_names_of_google_are_taken_until_another_is_configured() {
    let world = World::new();
    prove(&world, json!({ "iss": "accounts.google.com" })).await;
    let options = GoogleOptions { issuer: Some("https://issuer.test".to_owned()), ..world.google_options() };
    let provider = GoogleProvider::new(options, world.clock.clone()).unwrap();
    let ours = world.local.sign(&changed(&world, &json!({ "iss": "https://issuer.test" })));
    provider.prove(&ours).await.unwrap();
    let googles = world.local.google_id_token(&ada(), FixedClock::START);
    let expected = "https://issuer.test".to_owned();
    assert_eq!(rejection(provider.prove(&googles).await), CredentialRejection::Issuer { expected });
}

#[tokio::test]
async fn an_audience_may_be_a_list_of_one() {
    let world = World::new();
    prove(&world, json!({ "aud": [vestibule_testkit::provider::ids::GOOGLE_CLIENT_ID] })).await;
}

#[tokio::test]
async fn a_token_holds_until_15_seconds_after_its_end() {
    let world = World::new();
    let google = world.google();
    let end = FixedClock::START.unix_timestamp() + 100;
    let token = world.local.sign(&changed(&world, &json!({ "exp": end })));
    world.clock.set(time_at(end + 14));
    google.prove(&token).await.unwrap();
    world.clock.set(time_at(end + 15));
    assert_eq!(rejection(google.prove(&token).await), CredentialRejection::Expired);
}

fn time_at(seconds: i64) -> time::OffsetDateTime {
    time::OffsetDateTime::from_unix_timestamp(seconds).unwrap()
}
