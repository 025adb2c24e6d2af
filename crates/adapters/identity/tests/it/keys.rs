//! The published keys: kept, fetched again, shared.

use std::{sync::Arc, time::Duration as StdDuration};

use serde_json::json;
use time::Duration;
use vestibule_ports::{Clock, CredentialRejection, IdentityError, IdentityProvider};
use vestibule_testkit::{
    FixedClock,
    provider::{Misbehaviour, members},
};

use crate::{World, ada, rejection, trouble};

const CERTS: &str = "/google/certs";

impl World {
    fn token(&self) -> String {
        self.local.google_id_token(&ada(), FixedClock::START)
    }

    /// A token that names an unknown key.
    fn stray_token(&self, key_id: &str) -> String {
        let claims = self.local.google_claims(&ada(), FixedClock::START);
        self.local.signing_key().sign(&members(json!({ "alg": "RS256", "kid": key_id })), &claims)
    }

    fn fetches(&self) -> usize {
        self.local.requests(CERTS)
    }
}

#[tokio::test]
async fn keys_are_fetched_once_and_kept_as_long_as_the_provider_says() {
    let world = World::new();
    world.local.set_max_age(600);
    let google = world.google();
    assert_eq!(world.fetches(), 0, "nothing is fetched before it is needed");
    let token = world.token();
    for _ in 0..3 {
        google.prove(&token).await.unwrap();
    }
    world.clock.advance(Duration::seconds(599));
    google.prove(&token).await.unwrap();
    assert_eq!(world.fetches(), 1);
    world.clock.advance(Duration::seconds(1));
    google.prove(&token).await.unwrap();
    assert_eq!(world.fetches(), 2);
}

#[tokio::test]
async fn a_key_that_is_new_is_fetched_and_the_old_one_is_forgotten() {
    let world = World::new();
    let google = world.google();
    let old = world.token();
    google.prove(&old).await.unwrap();
    world.local.rotate_keys();
    world.clock.advance(Duration::seconds(6));
    google.prove(&old).await.expect("the kept keys still hold");
    google.prove(&world.token()).await.expect("the new key is fetched");
    assert_eq!(world.fetches(), 2);
    assert_eq!(rejection(google.prove(&old).await), CredentialRejection::Signature);
}

#[tokio::test]
async fn unknown_keys_cost_one_fetch_in_five_seconds() {
    let world = World::new();
    let google = world.google();
    google.prove(&world.token()).await.unwrap();
    world.clock.advance(Duration::seconds(5));
    for number in 0..10 {
        let token = world.stray_token(&format!("stray {number}"));
        assert_eq!(rejection(google.prove(&token).await), CredentialRejection::Signature);
    }
    assert_eq!(world.fetches(), 2);
    world.clock.advance(Duration::milliseconds(4_999));
    assert_eq!(rejection(google.prove(&world.stray_token("late")).await), CredentialRejection::Signature);
    assert_eq!(world.fetches(), 2);
    world.clock.advance(Duration::milliseconds(1));
    assert_eq!(rejection(google.prove(&world.stray_token("later")).await), CredentialRejection::Signature);
    assert_eq!(world.fetches(), 3);
    google.prove(&world.token()).await.expect("the known key is still known");
}

#[tokio::test]
async fn callers_at_the_same_time_share_a_fetch() {
    let world = World::new();
    let google = Arc::new(world.google());
    let token = world.token();
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..32 {
        let (google, token) = (Arc::clone(&google), token.clone());
        callers.spawn(async move { google.prove(&token).await.is_ok() });
    }
    assert!(callers.join_all().await.into_iter().all(|proven| proven));
    assert_eq!(world.fetches(), 1);
}

#[tokio::test]
async fn a_caller_that_hangs_up_does_not_end_the_fetch() {
    let world = World::new();
    let google = Arc::new(world.google());
    let token = world.token();
    world.local.misbehave(CERTS, Misbehaviour::Delay(StdDuration::from_millis(200)));
    let hasty = tokio::spawn({
        let (google, token) = (Arc::clone(&google), token.clone());
        async move { google.prove(&token).await.is_ok() }
    });
    while world.fetches() == 0 {
        tokio::task::yield_now().await;
    }
    hasty.abort();
    assert!(hasty.await.unwrap_err().is_cancelled());
    google.prove(&token).await.unwrap();
    assert_eq!(world.fetches(), 1);
}

#[tokio::test]
async fn a_fetch_that_failed_is_not_repeated_at_once_and_refuses_nobody_for_good() {
    let world = World::new();
    let google = world.google();
    let token = world.token();
    world.local.misbehave(CERTS, Misbehaviour::Reply(500, String::new()));
    for _ in 0..3 {
        trouble(google.prove(&token).await);
    }
    assert_eq!(world.fetches(), 1);
    world.local.behave();
    world.clock.advance(Duration::seconds(5));
    google.prove(&token).await.unwrap();
}

#[tokio::test]
async fn a_failed_fetch_leaves_the_kept_keys_in_force() {
    let world = World::new();
    let google = world.google();
    let token = world.token();
    google.prove(&token).await.unwrap();
    world.clock.advance(Duration::seconds(6));
    world.local.misbehave(CERTS, Misbehaviour::Reply(503, String::new()));
    let stray = google.prove(&world.stray_token("stray")).await;
    assert!(matches!(stray, Err(IdentityError::Unavailable(_))), "whether Google knows the key is not known");
    google.prove(&token).await.unwrap();
    world.clock.advance(Duration::DAY);
    trouble(google.prove(&token).await);
}

#[tokio::test]
async fn keys_that_came_after_now_are_not_believed() {
    let world = World::new();
    let google = world.google();
    let token = world.token();
    google.prove(&token).await.unwrap();
    world.clock.set(world.clock.now() - Duration::HOUR);
    google.prove(&token).await.unwrap();
    assert_eq!(world.fetches(), 2);
}
