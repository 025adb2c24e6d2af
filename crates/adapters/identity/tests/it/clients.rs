//! Several clients of ours at one provider.

use std::sync::Arc;

use serde_json::json;
use vestibule_identity::{
    AnyClient, AppleOptions, AppleProvider, FacebookOptions, FacebookProvider, GoogleOptions, GoogleProvider,
};
use vestibule_ports::{CredentialRejection, IdentityProvider};
use vestibule_testkit::{
    FixedClock,
    provider::{FacebookGrant, Misbehaviour, ids},
};

use crate::{World, ada, rejection, trouble};

const APP: &str = "ios.apps.googleusercontent.test";
const OTHER_APP: (&str, &str) = ("222", "ffff0000ffff0000");

#[tokio::test]
async fn a_token_of_google_for_any_client_of_ours_is_taken_and_no_other() {
    let world = World::new();
    let client_ids = vec![ids::GOOGLE_CLIENT_ID.to_owned(), APP.to_owned()];
    let google = GoogleOptions { client_ids, ..world.google_options() };
    let google = GoogleProvider::new(google, world.clock.clone()).unwrap();
    let token = |audience| {
        let mut claims = world.local.google_claims(&ada(), FixedClock::START);
        claims.insert("aud".to_owned(), audience);
        world.local.sign(&claims)
    };
    for audience in [json!(ids::GOOGLE_CLIENT_ID), json!(APP), json!([APP])] {
        google.prove(&token(audience)).await.unwrap();
    }
    let expected = format!("{} or {APP}", ids::GOOGLE_CLIENT_ID);
    let both = format!("{},{APP}", ids::GOOGLE_CLIENT_ID);
    for audience in [json!("other"), json!(both), json!([ids::GOOGLE_CLIENT_ID, APP]), json!([]), json!(null)] {
        let refused = rejection(google.prove(&token(audience)).await);
        assert_eq!(refused, CredentialRejection::Audience { expected: expected.clone() });
    }
}

fn apples(world: &World) -> AnyClient {
    let client = |id: &str| {
        let options = AppleOptions { client_id: id.to_owned(), ..world.apple_options() };
        Arc::new(AppleProvider::new(options, world.clock.clone()).unwrap()) as Arc<dyn IdentityProvider>
    };
    AnyClient::new([ids::APPLE_CLIENT_ID, ids::APPLE_APP_ID].map(client).into(), world.timeouts)
}

#[tokio::test]
async fn a_code_of_apple_for_any_client_of_ours_is_exchanged_once() {
    let world = World::new();
    let apple = apples(&world);
    for client in [ids::APPLE_CLIENT_ID, ids::APPLE_APP_ID] {
        let mut claims = world.local.apple_claims(&ada(), FixedClock::START);
        claims.insert("aud".to_owned(), json!(client));
        let code = world.local.apple_code_for(Some(claims));
        apple.prove(&code).await.unwrap();
        rejection(apple.prove(&code).await);
    }
    let words = "The code has expired or has been revoked.".to_owned();
    assert_eq!(rejection(apple.prove("nonsense").await), CredentialRejection::RefusedBecause(words));
}

#[tokio::test]
async fn an_outage_of_apple_refuses_no_code() {
    let world = World::new();
    world.local.misbehave("/apple/auth/token", Misbehaviour::Reply(500, String::new()));
    trouble(apples(&world).prove(&world.local.apple_code(&ada(), FixedClock::START)).await);
}

#[tokio::test]
async fn a_token_of_facebook_for_any_app_of_ours_is_taken_and_no_other() {
    let world = World::new();
    let app = |(id, secret): (&str, &str)| {
        let (app_id, app_secret) = (id.to_owned(), secret.into());
        let options = FacebookOptions { app_id, app_secret, ..world.facebook_options() };
        Arc::new(FacebookProvider::new(options, world.clock.clone()).unwrap()) as Arc<dyn IdentityProvider>
    };
    let ours = (ids::FACEBOOK_APP_ID, ids::FACEBOOK_APP_SECRET);
    let facebook = AnyClient::new([ours, OTHER_APP].map(app).into(), world.timeouts);
    let of_app = |(id, secret): (&str, &str)| {
        let (app_id, app_secret) = (id.to_owned(), secret.to_owned());
        world.local.facebook_grant(FacebookGrant { app_id, app_secret, ..FacebookGrant::to_our_app(ada()) })
    };
    for taken in [ours, OTHER_APP] {
        facebook.prove(&of_app(taken)).await.unwrap();
    }
    let stranger = of_app(("333", "stranger"));
    assert_eq!(rejection(facebook.prove(&stranger).await), CredentialRejection::Refused);
}
