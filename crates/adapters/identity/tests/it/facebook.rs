//! Facebook's access tokens.

use vestibule_domain::{LinkedIdentity, NamePart, ProvenIdentity, Provider, ProviderUserId};
use vestibule_identity::{FacebookOptions, FacebookProvider};
use vestibule_ports::{CredentialRejection, IdentityProvider};
use vestibule_testkit::{
    FixedClock,
    provider::{FacebookGrant, Misbehaviour, Person},
};

use crate::{World, ada, rejection, trouble};

#[tokio::test]
async fn an_access_token_proves_who_somebody_is() {
    let world = World::new();
    let proven = world.facebook().prove(&world.local.facebook_token(ada())).await.unwrap();
    let id = "10769150350006150715113082367";
    let expected = ProvenIdentity {
        identity: LinkedIdentity {
            provider: Provider::Facebook,
            user_id: ProviderUserId::parse(id).unwrap(),
            picture: Some(format!("{}/{id}/picture?type=large", world.local.facebook_graph_url())),
        },
        email: Some("ada@example.test".parse().unwrap()),
        email_is_vouched_for: true,
        first_name: NamePart::parse("Ada").ok(),
        last_name: NamePart::parse("Lovelace").ok(),
    };
    assert_eq!(proven, expected);
}

#[tokio::test]
async fn an_address_is_not_vouched_for_if_the_operator_says_so() {
    let world = World::new();
    let options = FacebookOptions { trust_email: false, ..world.facebook_options() };
    let facebook = FacebookProvider::new(options, world.clock.clone()).unwrap();
    let proven = facebook.prove(&world.local.facebook_token(ada())).await.unwrap();
    assert!(proven.email.is_some() && !proven.email_is_vouched_for);
    let shy = Person { email: None, ..ada() };
    let proven = world.facebook().prove(&world.local.facebook_token(shy)).await.unwrap();
    assert_eq!((proven.email, proven.email_is_vouched_for), (None, false));
}

#[tokio::test]
async fn a_full_name_stands_in_for_its_parts() {
    let world = World::new();
    let token = world.local.facebook_token(ada());
    let profile = r#"{"id":"10769150350006150715113082367","name":"Ada King Lovelace"}"#;
    world.local.misbehave("/graph/me", Misbehaviour::Reply(200, profile.to_owned()));
    let proven = world.facebook().prove(&token).await.unwrap();
    assert_eq!(
        (proven.first_name, proven.last_name),
        (NamePart::parse("Ada").ok(), NamePart::parse("King Lovelace").ok())
    );
}

#[tokio::test]
async fn ids_may_be_numbers() {
    let world = World::new();
    let token = world.local.facebook_token(Person::new("1207059", "ada@example.test"));
    let inspection =
        r#"{"data":{"app_id":138483919580948,"type":"USER","is_valid":true,"expires_at":0,"user_id":1207059}}"#;
    world.local.misbehave("/graph/debug_token", Misbehaviour::Reply(200, inspection.to_owned()));
    assert_eq!(world.facebook().prove(&token).await.unwrap().identity.user_id.as_str(), "1207059");
}

#[tokio::test]
async fn a_token_that_does_not_sign_its_owner_in_here_is_refused_before_the_profile_is_asked_for() {
    let world = World::new();
    let facebook = world.facebook();
    let ours = || FacebookGrant::to_our_app(ada());
    let past = FixedClock::START.unix_timestamp() - 1;
    for grant in [
        FacebookGrant { app_id: "999".to_owned(), ..ours() },
        FacebookGrant { is_valid: false, ..ours() },
        FacebookGrant { kind: "PAGE".to_owned(), ..ours() },
        FacebookGrant { kind: "APP".to_owned(), ..ours() },
        FacebookGrant { expires_at: past, ..ours() },
    ] {
        let token = world.local.facebook_grant(grant.clone());
        assert_eq!(rejection(facebook.prove(&token).await), CredentialRejection::Refused, "{grant:?}");
    }
    assert_eq!(world.local.requests("/graph/me"), 0);
}

#[tokio::test]
async fn a_token_with_an_end_in_the_future_is_good() {
    let world = World::new();
    let expires_at = FixedClock::START.unix_timestamp() + 1;
    let token = world.local.facebook_grant(FacebookGrant { expires_at, ..FacebookGrant::to_our_app(ada()) });
    world.facebook().prove(&token).await.unwrap();
}

#[tokio::test]
async fn inspection_and_profile_must_be_of_one_person() {
    let world = World::new();
    let inspected_id = Some("4".to_owned());
    let token = world.local.facebook_grant(FacebookGrant { inspected_id, ..FacebookGrant::to_our_app(ada()) });
    assert_eq!(rejection(world.facebook().prove(&token).await), CredentialRejection::Refused);
}

#[tokio::test]
async fn a_proof_by_another_secret_is_refused() {
    let world = World::new();
    let app_secret = "another secret".to_owned();
    let token = world.local.facebook_grant(FacebookGrant { app_secret, ..FacebookGrant::to_our_app(ada()) });
    assert_eq!(rejection(world.facebook().prove(&token).await), CredentialRejection::Refused);
    assert_eq!(world.local.requests("/graph/me"), 1, "it is the proof that was refused");
}

#[tokio::test]
async fn a_wrong_app_secret_lets_nobody_in() {
    let world = World::new();
    let options = FacebookOptions { app_secret: "wrong".into(), ..world.facebook_options() };
    let facebook = FacebookProvider::new(options, world.clock.clone()).unwrap();
    assert_eq!(rejection(facebook.prove(&world.local.facebook_token(ada())).await), CredentialRejection::Refused);
}

#[tokio::test]
async fn what_is_not_a_token_of_facebook_is_refused() {
    let world = World::new();
    let facebook = world.facebook();
    let long = "x".repeat(4097);
    for token in ["EAABunknown", "a&input_token=EAAB00000000ZD", "", " ", "a b", "a\r\nb", "\u{1F511}", &long] {
        assert_eq!(rejection(facebook.prove(token).await), CredentialRejection::Refused, "{token:.40}");
    }
}

#[tokio::test]
async fn an_id_that_could_change_the_url_of_the_picture_is_not_believed() {
    for id in ["../4", "4/5", "4?a", "4%2f", "4#", "4.4", ""] {
        let world = World::new();
        let token = world.local.facebook_token(Person::new(id, "ada@example.test"));
        trouble(world.facebook().prove(&token).await);
    }
}

#[tokio::test]
async fn facebook_at_a_loss_is_no_refusal() {
    let world = World::new();
    let facebook = world.facebook();
    let token = world.local.facebook_token(ada());
    let error = |members: &str| format!(r#"{{"error":{{"message":"x","type":"OAuthException",{members}}}}}"#);
    for path in ["/graph/debug_token", "/graph/me"] {
        for (status, members) in [
            (400, r#""code":4"#),
            (400, r#""code":190,"is_transient":true"#),
            (429, r#""code":190"#),
            (500, r#""code":190"#),
        ] {
            world.local.misbehave(path, Misbehaviour::Reply(status, error(members)));
            trouble(facebook.prove(&token).await);
        }
        world.local.behave();
    }
    facebook.prove(&token).await.unwrap();
}
