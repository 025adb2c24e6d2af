//! Providers that are down, slow or misbehave.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use vestibule_ports::IdentityProvider;
use vestibule_testkit::{
    FixedClock,
    provider::{Misbehaviour, ids},
};

use crate::{World, ada, trouble};

/// Each provider with a good credential and each path that is asked for it; made afresh, so that nothing is kept.
fn cases(world: &World) -> Vec<(Arc<dyn IdentityProvider>, String, &'static str)> {
    let now = FixedClock::START;
    vec![
        (Arc::new(world.google()), world.local.google_id_token(&ada(), now), "/google/certs"),
        (Arc::new(world.facebook()), world.local.facebook_token(ada()), "/graph/debug_token"),
        (Arc::new(world.facebook()), world.local.facebook_token(ada()), "/graph/me"),
        (Arc::new(world.apple()), world.local.apple_code(&ada(), now), "/apple/auth/token"),
        (Arc::new(world.apple()), world.local.apple_code(&ada(), now), "/apple/auth/keys"),
    ]
}

/// Every path misbehaves in a way; the words of the failures, in which nothing secret may be.
async fn suffer(world: &World, how: Misbehaviour) -> Vec<String> {
    let mut all = Vec::new();
    for (provider, credential, path) in cases(world) {
        world.local.misbehave(path, how.clone());
        let words = trouble(provider.prove(&credential).await);
        world.local.behave();
        assert!(!words.contains(&credential) && !words.contains(ids::FACEBOOK_APP_SECRET), "{path}: {words}");
        all.push(words);
    }
    all
}

#[tokio::test]
async fn the_cases_are_good_while_nobody_misbehaves() {
    let world = World::new();
    for (provider, credential, path) in cases(&world) {
        provider.prove(&credential).await.unwrap();
        assert!(world.local.requests(path) > 0, "{path}");
    }
}

#[tokio::test]
async fn a_status_of_failure_is_told_as_such() {
    let world = World::new();
    for status in [204, 300, 404, 429, 500, 502, 503] {
        for words in suffer(&world, Misbehaviour::Reply(status, "not JSON".to_owned())).await {
            assert!(words.contains(&status.to_string()) || status == 204, "{words}");
        }
    }
}

#[tokio::test]
async fn nonsense_is_not_believed_and_not_cited() {
    let world = World::new();
    for body in ["", "secret", "{", "[]", "null", r#""secret""#, r#"{"keys":[],"id_token":7,"id":[]}"#, "\u{0}"] {
        for words in suffer(&world, Misbehaviour::Reply(200, body.to_owned())).await {
            assert!(!words.contains("secret"), "{words}");
        }
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let world = World::new();
    for words in suffer(&world, Misbehaviour::Redirect).await {
        assert!(words.contains("307"), "{words}");
    }
}

#[tokio::test]
async fn an_answer_of_more_than_a_mebibyte_is_cut_off() {
    for words in suffer(&World::new(), Misbehaviour::Huge).await {
        assert!(words.contains("too long"), "{words}");
    }
}

#[tokio::test]
async fn a_silent_provider_is_not_waited_for_beyond_the_limit() {
    let world = World::impatient();
    let start = Instant::now();
    let failures = suffer(&world, Misbehaviour::Silence).await;
    let took = start.elapsed();
    assert!(failures.iter().all(|words| words.contains("within 300 ms")), "{failures:?}");
    assert!(took > Duration::from_millis(1_400) && took < Duration::from_secs(8), "{took:?}");
}

#[tokio::test]
async fn a_provider_that_is_down_is_unavailable_at_once() {
    let world = World::new();
    let cases = cases(&world);
    drop(world);
    let start = Instant::now();
    for (provider, credential, _) in cases {
        let words = trouble(provider.prove(&credential).await);
        assert!(words.contains("cannot reach"), "{words}");
    }
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_provider_that_recovers_is_used_again() {
    let world = World::new();
    suffer(&world, Misbehaviour::Reply(500, String::new())).await;
    for (provider, credential, _) in cases(&world) {
        provider.prove(&credential).await.unwrap();
    }
}

#[tokio::test]
async fn more_callers_than_may_ask_at_once_all_get_their_answer() {
    let world = World::new();
    let facebook = Arc::new(world.facebook());
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let (facebook, token) = (Arc::clone(&facebook), world.local.facebook_token(ada()));
        callers.spawn(async move { facebook.prove(&token).await.is_ok() });
    }
    assert!(callers.join_all().await.into_iter().all(|proven| proven));
}
