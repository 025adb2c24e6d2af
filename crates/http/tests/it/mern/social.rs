//! `POST /api/auth/{google,facebook,apple}` with providers that say what they are told; that they check what they are
//! given is tested where they are written.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use insta::assert_snapshot;
use serde_json::{Value, json};
use vestibule_domain::{
    AccountStatus, EmailAddress, LinkedIdentity, NamePart, ProvenIdentity, Provider, ProviderUserId, Role,
};
use vestibule_ports::{CredentialRejection, IdentityError, IdentityProvider};

use super::{ACCESS, ALICE, CHECK, PROFILE, account, assert_done, assert_failed, sign_up, text, token};
use crate::support::{Answer, Setup, TestApp};

/// A provider that takes the credential `good`, and refuses another for the reason that it names.
struct Scripted(ProvenIdentity);

#[async_trait]
impl IdentityProvider for Scripted {
    async fn prove(&self, credential: &str) -> Result<ProvenIdentity, IdentityError> {
        let expected = || "expected".to_owned();
        Err(match credential {
            "good" => return Ok(self.0.clone()),
            "away" => return Err(IdentityError::Unavailable("it is down".into())),
            "malformed" => CredentialRejection::Malformed,
            "algorithm" => CredentialRejection::Algorithm,
            "signature" => CredentialRejection::Signature,
            "audience" => CredentialRejection::Audience { expected: expected() },
            "issuer" => CredentialRejection::Issuer { expected: expected() },
            "expired" => CredentialRejection::Expired,
            "because" => CredentialRejection::RefusedBecause("a secret".to_owned()),
            "no id token" => CredentialRejection::NoIdentityToken,
            _ => CredentialRejection::Refused,
        }
        .into())
    }
}

fn identity(provider: Provider) -> ProvenIdentity {
    let name = |text| (provider != Provider::Apple).then(|| NamePart::parse(text).unwrap());
    ProvenIdentity {
        identity: LinkedIdentity {
            provider,
            user_id: ProviderUserId::parse("subject-1").unwrap(),
            picture: (provider == Provider::Google).then(|| "https://example.com/p.png".to_owned()),
        },
        email: Some(EmailAddress::parse(ALICE).unwrap()),
        email_is_vouched_for: true,
        first_name: name("Alice"),
        last_name: name("Martin"),
    }
}

async fn app_with(change: impl Fn(&mut ProvenIdentity)) -> TestApp {
    let provider = |provider| {
        let mut identity = identity(provider);
        change(&mut identity);
        (provider, Arc::new(Scripted(identity)) as Arc<dyn IdentityProvider>)
    };
    let providers = BTreeMap::from(Provider::ALL.map(provider));
    TestApp::with(Setup { limits: false, providers, ..Setup::default() }).await
}

fn credential_of(provider: Provider, credential: &str) -> Value {
    match provider {
        Provider::Google => json!({ "idToken": credential }),
        Provider::Facebook => json!({ "accessToken": credential }),
        Provider::Apple => json!({ "code": credential }),
    }
}

async fn sign_in(app: &TestApp, provider: Provider, credential: &str) -> Answer {
    app.post(&format!("/api/auth/{}", provider.as_str()), &credential_of(provider, credential)).await
}

#[actix_web::test]
async fn a_first_sign_in_makes_an_account() {
    let app = app_with(|_| {}).await;
    let answer = sign_in(&app, Provider::Google, "good").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_snapshot!(answer.redacted());
    let token = text(&answer.json()["token"]);
    assert_eq!(app.claims(ACCESS, &token)["provider"], "google");
    assert_eq!(app.get_as(&token, PROFILE).await.status, 200);
    let again = sign_in(&app, Provider::Google, "good").await;
    assert_eq!(again.json()["user"]["id"], answer.json()["user"]["id"]);
}

#[actix_web::test]
async fn apple_tells_the_name_once_and_it_is_never_overwritten() {
    let app = app_with(|_| {}).await;
    let with_name = |first: &str| json!({ "code": " good ", "x": 1, "user": { "x": 1, "name": { "x": 1, "firstName": first, "lastName": null } } });
    for first in ["Alice", "Mallory"] {
        let user = app.post("/api/auth/apple", &with_name(first)).await.json()["user"].clone();
        assert_eq!((&user["firstName"], user.get("lastName")), (&json!("Alice"), None));
    }
}

#[actix_web::test]
async fn each_body_is_validated_in_its_way() {
    let app = app_with(|_| {}).await;
    for (provider, body, message) in [
        ("google", json!({}), r#""idToken" is required"#),
        ("google", json!({ "idToken": "" }), r#""idToken" is not allowed to be empty"#),
        ("google", json!({ "idToken": 1 }), r#""idToken" must be a string"#),
        ("google", json!({ "idToken": "a", "x": 1 }), r#""x" is not allowed"#),
        ("facebook", json!({ "refreshToken": "a" }), r#""accessToken" is required"#),
        ("facebook", json!({ "accessToken": "a", "refreshToken": 1 }), r#""refreshToken" must be a string"#),
        ("facebook", json!({ "accessToken": "a", "refreshToken": "b", "x": 1 }), r#""x" is not allowed"#),
        ("apple", json!({ "code": " " }), r#""code" is not allowed to be empty"#),
        ("apple", json!({ "code": "a", "user": "{}" }), r#""user" must be of type object"#),
        ("apple", json!({ "code": "a", "user": { "name": "A" } }), r#""user.name" must be of type object"#),
        (
            "apple",
            json!({ "code": "a", "user": { "name": { "firstName": 1 } } }),
            r#""user.name.firstName" must be a string"#,
        ),
    ] {
        assert_failed(&app.post(&format!("/api/auth/{provider}"), &body).await, 400, message);
    }
}

#[actix_web::test]
async fn each_refusal_has_its_words() {
    let app = app_with(|_| {}).await;
    for (credential, google, apple) in [
        ("malformed", "malformed idToken", "Failed to obtain access token"),
        ("algorithm", "invalid algorithm", "invalid algorithm"),
        ("signature", "invalid signature", "invalid signature"),
        ("audience", "jwt audience invalid. expected: expected", "jwt audience invalid. expected: expected"),
        ("issuer", "jwt issuer invalid", "jwt issuer invalid. expected: expected"),
        ("expired", "jwt expired", "jwt expired"),
        ("refused", "malformed idToken", "Failed to obtain access token"),
        ("because", "malformed idToken", "Failed to obtain access token"),
        ("no id token", "malformed idToken", "ID Token not present in token response"),
    ] {
        assert_failed(&sign_in(&app, Provider::Google, credential).await, 401, google);
        assert_failed(&sign_in(&app, Provider::Apple, credential).await, 401, apple);
        let facebook = sign_in(&app, Provider::Facebook, credential).await;
        assert_failed(&facebook, 401, "Failed to fetch user profile");
    }
}

#[actix_web::test]
async fn a_provider_that_does_not_answer_is_told_with_when_to_come_back() {
    let app = app_with(|_| {}).await;
    for provider in Provider::ALL {
        let answer = sign_in(&app, provider, "away").await;
        assert_failed(&answer, 503, "Sign-in provider is unavailable");
        assert_eq!(answer.header("retry-after"), "5");
    }
}

#[actix_web::test]
async fn a_provider_that_is_not_configured_has_no_route() {
    let app = TestApp::without_limits().await;
    for provider in Provider::ALL {
        assert_failed(&sign_in(&app, provider, "good").await, 404, "Not Found");
        let path = format!("/api/auth/{}", provider.as_str());
        assert_failed(&app.post(&path, &json!({ "x": 1 })).await, 404, "Not Found");
    }
}

#[actix_web::test]
async fn an_address_that_nobody_vouches_for_opens_and_makes_nothing() {
    for unvouched in [
        |identity: &mut ProvenIdentity| identity.email_is_vouched_for = false,
        |identity: &mut ProvenIdentity| identity.email = None,
    ] {
        let app = app_with(unvouched).await;
        sign_up(&app).await;
        for provider in Provider::ALL {
            assert_failed(&sign_in(&app, provider, "good").await, 401, "Email is not verified");
        }
    }
}

#[actix_web::test]
async fn a_vouched_address_joins_the_account_and_drops_an_unproven_password() {
    let app = app_with(|_| {}).await;
    let old = super::alices_token(&app).await;
    let user = sign_in(&app, Provider::Google, "good").await.json()["user"].clone();
    assert_eq!(user["provider"].as_object().unwrap().keys().collect::<Vec<_>>(), ["google"]);
    assert_failed(&app.get_as(&old, PROFILE).await, 401, "Invalid JWT token");
    let body = json!({ "username": "alice", "password": super::PASSWORD });
    assert_failed(&app.post(super::SIGN_IN, &body).await, 401, "Username or email does not exist");
}

#[actix_web::test]
async fn a_proven_account_keeps_its_password_and_a_disabled_one_stays_disabled() {
    let app = app_with(|_| {}).await;
    let proven = account(1, Role::Admin, &[]).email(ALICE).build();
    app.put(&proven).await;
    let user = sign_in(&app, Provider::Apple, "good").await.json()["user"].clone();
    assert_eq!((&user["role"], &user["firstName"]), (&json!("admin"), &json!("First")));
    assert_eq!(user["provider"].as_object().unwrap().len(), 2);
    assert_done(&app.post_as(&token(&app, &proven), CHECK, &json!({})).await, 200, "JWT token is valid");
    app.put(&account(1, Role::Admin, &[]).email(ALICE).status(AccountStatus::Disabled).build()).await;
    assert_failed(&sign_in(&app, Provider::Google, "good").await, 401, "Account is disabled");
    let stored = app.app.show_account(proven.id()).await.unwrap().unwrap();
    assert!(stored.identities().is_empty());
}
