//! Options that are not taken.

use vestibule_identity::{
    AppleOptions, AppleProvider, FacebookOptions, FacebookProvider, GoogleOptions, GoogleProvider, IdentityConfigError,
    InvalidEndpoint, ProviderTimeouts,
};
use vestibule_testkit::provider::ids;

use crate::World;

#[test]
fn a_url_that_is_neither_https_nor_of_this_machine_is_refused() {
    let world = World::new();
    let url = || "http://provider.test/a".to_owned();
    let clock = || world.clock.clone();
    let errors = [
        GoogleProvider::new(GoogleOptions { jwks_url: url(), ..world.google_options() }, clock()).map(drop),
        FacebookProvider::new(FacebookOptions { graph_url: url(), ..world.facebook_options() }, clock()).map(drop),
        AppleProvider::new(AppleOptions { url: url(), ..world.apple_options() }, clock()).map(drop),
    ];
    for error in errors {
        assert!(matches!(error, Err(IdentityConfigError::Endpoint(InvalidEndpoint::Insecure))), "{error:?}");
    }
}

#[test]
fn the_providers_themselves_are_reached_by_https() {
    let world = World::new();
    GoogleProvider::new(GoogleOptions::new(ids::GOOGLE_CLIENT_ID), world.clock.clone()).unwrap();
    let facebook = FacebookOptions::new(ids::FACEBOOK_APP_ID, ids::FACEBOOK_APP_SECRET.into());
    FacebookProvider::new(facebook, world.clock.clone()).unwrap();
    let apple = AppleOptions { url: AppleOptions::DEFAULT_URL.to_owned(), ..world.apple_options() };
    AppleProvider::new(apple, world.clock.clone()).unwrap();
}

#[test]
fn an_empty_id_or_secret_is_refused_since_an_empty_claim_would_match_it() {
    let world = World::new();
    for empty in ["", " "] {
        let empty = || empty.to_owned();
        let clock = || world.clock.clone();
        let errors = [
            GoogleProvider::new(
                GoogleOptions { client_ids: vec![ids::GOOGLE_CLIENT_ID.to_owned(), empty()], ..world.google_options() },
                clock(),
            )
            .map(drop),
            GoogleProvider::new(GoogleOptions { issuer: Some(empty()), ..world.google_options() }, clock()).map(drop),
            FacebookProvider::new(FacebookOptions { app_id: empty(), ..world.facebook_options() }, clock()).map(drop),
            FacebookProvider::new(FacebookOptions { app_secret: empty().into(), ..world.facebook_options() }, clock())
                .map(drop),
            AppleProvider::new(AppleOptions { client_id: empty(), ..world.apple_options() }, clock()).map(drop),
            AppleProvider::new(AppleOptions { team_id: empty(), ..world.apple_options() }, clock()).map(drop),
            AppleProvider::new(AppleOptions { key_id: empty(), ..world.apple_options() }, clock()).map(drop),
        ];
        for error in errors {
            assert!(matches!(error, Err(IdentityConfigError::Empty(_))), "{error:?}");
        }
    }
}

#[test]
fn a_private_key_of_another_form_is_refused_without_citing_it() {
    let world = World::new();
    let good = world.local.apple_private_key();
    let relabelled = good.replace("PRIVATE KEY", "EC PRIVATE KEY");
    let cut = format!("{}\n-----END PRIVATE KEY-----", &good[..100]);
    for text in ["", "secret", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----", &relabelled, &cut] {
        let options = AppleOptions { private_key: text.into(), ..world.apple_options() };
        let error = AppleProvider::new(options, world.clock.clone()).unwrap_err();
        assert!(matches!(error, IdentityConfigError::PrivateKey), "{error:?}");
        assert!(!format!("{error:?}{error}").contains("c2VjcmV0"));
    }
}

#[test]
fn nothing_that_is_printed_holds_a_secret() {
    let world = World::new();
    let printed =
        format!("{:?}{:?}{:?}{:?}", world.facebook_options(), world.apple_options(), world.facebook(), world.apple());
    assert!(!printed.contains(ids::FACEBOOK_APP_SECRET) && !printed.contains("PRIVATE"), "{printed}");
}

#[test]
fn a_provider_is_waited_for_eight_seconds() {
    let ProviderTimeouts { connect, total } = ProviderTimeouts::default();
    assert_eq!((connect.as_secs(), total.as_secs()), (3, 8));
}
