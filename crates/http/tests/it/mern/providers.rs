//! Social sign-in through the whole way: the real adapters, against a Google, a Facebook and an Apple of this machine that
//! sign with real keys.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde_json::{Value, json};
use vestibule_domain::Provider;
use vestibule_identity::{
    AppleOptions, AppleProvider, FacebookOptions, FacebookProvider, GoogleOptions, GoogleProvider, ProviderTimeouts,
};
use vestibule_ports::IdentityProvider;
use vestibule_testkit::{
    FixedClock, LocalProvider,
    provider::{FacebookGrant, Members, Misbehaviour, Person, SigningKey, ids, members},
};

use super::{PROFILE, assert_failed, text};
use crate::support::{Answer, Setup, TestApp};

const EMAIL: &str = "ada@example.com";
const UNAVAILABLE: &str = "Sign-in provider is unavailable";
/// What each provider is asked for.
const PATHS: [(Provider, &str); 5] = [
    (Provider::Google, "/google/certs"),
    (Provider::Facebook, "/graph/debug_token"),
    (Provider::Facebook, "/graph/me"),
    (Provider::Apple, "/apple/auth/token"),
    (Provider::Apple, "/apple/auth/keys"),
];

struct World {
    local: LocalProvider,
    app: TestApp,
    /// What the providers' clients go by.
    clock: Arc<FixedClock>,
}

impl World {
    async fn new() -> Self {
        Self::with(ProviderTimeouts::default()).await
    }

    /// A world where nobody is waited for long.
    async fn impatient() -> Self {
        let total = Duration::from_millis(300);
        Self::with(ProviderTimeouts { connect: total, total }).await
    }

    async fn with(timeouts: ProviderTimeouts) -> Self {
        let (local, clock) = (LocalProvider::start(), Arc::new(FixedClock::default()));
        let providers = providers(&local, &clock, timeouts);
        let app = TestApp::with(Setup { limits: false, providers, ..Setup::default() }).await;
        Self { local, app, clock }
    }

    async fn google(&self, id_token: &str) -> Answer {
        self.app.post("/api/auth/google", &json!({ "idToken": id_token })).await
    }

    async fn facebook(&self, access_token: &str) -> Answer {
        self.app.post("/api/auth/facebook", &json!({ "accessToken": access_token })).await
    }

    async fn apple(&self, code: &str) -> Answer {
        let name = json!({ "firstName": "Ada", "lastName": "Lovelace" });
        self.app.post("/api/auth/apple", &json!({ "code": code, "user": { "name": name } })).await
    }

    /// Signs Ada in with a good credential.
    async fn sign_in(&self, provider: Provider) -> Answer {
        let now = FixedClock::START;
        match provider {
            Provider::Google => self.google(&self.local.google_id_token(&ada(), now)).await,
            Provider::Facebook => self.facebook(&self.local.facebook_token(ada())).await,
            Provider::Apple => self.apple(&self.local.apple_code(&ada(), now)).await,
        }
    }

    /// The provider does its duty again, and is asked when Retry-After is over.
    async fn recovers(&self, provider: Provider) {
        self.local.behave();
        self.clock.advance(time::Duration::seconds(5));
        self.still_serves(provider).await;
    }

    async fn still_serves(&self, provider: Provider) {
        let answer = self.sign_in(provider).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    /// ID tokens that Google or Apple never gave out, each with how Google's route refuses it.
    fn forgeries(&self, claims: &Members) -> Vec<(String, &'static str)> {
        let key = self.local.signing_key();
        let header = |algorithm: &str, id: &str| members(json!({ "alg": algorithm, "kid": id, "typ": "JWT" }));
        let unsigned = key.sign(&header("none", &key.id), claims);
        let mut padded = claims.clone();
        padded.insert("padding".to_owned(), json!("x".repeat(16 * 1024)));
        vec![
            (key.sign(&header("RS256", "no-such-key"), claims), "invalid signature"),
            (SigningKey::numbered(1).sign(&header("RS256", &key.id), claims), "invalid signature"),
            (format!("{}.", unsigned.rsplit_once('.').unwrap().0), "invalid algorithm"),
            (key.forge_with_public_key(&header("HS256", &key.id), claims), "invalid algorithm"),
            (self.local.sign(&padded), "malformed idToken"),
            ("a.b.c".to_owned(), "malformed idToken"),
        ]
    }
}

fn providers(
    local: &LocalProvider,
    clock: &Arc<FixedClock>,
    timeouts: ProviderTimeouts,
) -> BTreeMap<Provider, Arc<dyn IdentityProvider>> {
    let clock = || Arc::clone(clock) as _;
    let google = GoogleOptions::new(ids::GOOGLE_CLIENT_ID);
    let google = GoogleOptions { jwks_url: local.google_jwks_url(), timeouts, ..google };
    let facebook = FacebookOptions::new(ids::FACEBOOK_APP_ID, ids::FACEBOOK_APP_SECRET.into());
    let facebook = FacebookOptions { graph_url: local.facebook_graph_url(), timeouts, ..facebook };
    let apple = AppleOptions {
        client_id: ids::APPLE_CLIENT_ID.to_owned(),
        team_id: ids::APPLE_TEAM_ID.to_owned(),
        key_id: ids::APPLE_KEY_ID.to_owned(),
        private_key: local.apple_private_key().into(),
        url: local.apple_url(),
        timeouts,
    };
    BTreeMap::from([
        (Provider::Google, Arc::new(GoogleProvider::new(google, clock()).unwrap()) as Arc<dyn IdentityProvider>),
        (Provider::Facebook, Arc::new(FacebookProvider::new(facebook, clock()).unwrap())),
        (Provider::Apple, Arc::new(AppleProvider::new(apple, clock()).unwrap())),
    ])
}

fn ada() -> Person {
    Person::new("1076915035000615071", EMAIL)
}

/// Claims with one of them set to something else.
fn but(mut claims: Members, name: &str, value: Value) -> Members {
    claims.insert(name.to_owned(), value);
    claims
}

#[actix_web::test]
async fn each_provider_opens_an_account_of_its_own_and_opens_it_again() {
    for provider in Provider::ALL {
        let world = World::new().await;
        let answer = world.sign_in(provider).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let body = answer.json();
        assert_eq!(body["signedInWith"], provider.as_str());
        let user = &body["user"];
        for (key, value) in
            [("email", EMAIL), ("firstName", "Ada"), ("lastName", "Lovelace"), ("status", "active"), ("role", "user")]
        {
            assert_eq!(user[key], value, "{provider:?}: {user}");
        }
        assert_eq!(user["provider"][provider.as_str()]["userId"], ada().id.as_str());
        assert_eq!(user["provider"].as_object().unwrap().len(), 1);
        let profile = world.app.get_as(&text(&body["token"]), PROFILE).await;
        assert_eq!(&profile.json()["profile"], user);
        assert_eq!(world.sign_in(provider).await.json()["user"]["id"], user["id"]);
    }
}

#[actix_web::test]
async fn one_person_at_three_providers_has_one_account() {
    let world = World::new().await;
    let mut users = Vec::new();
    for provider in Provider::ALL {
        users.push(world.sign_in(provider).await.json()["user"].clone());
    }
    assert!(users.iter().all(|user| user["id"] == users[0]["id"]), "{users:?}");
    assert_eq!(users[2]["provider"].as_object().unwrap().len(), 3);
}

#[actix_web::test]
async fn an_address_that_the_provider_has_not_verified_opens_nothing() {
    let world = World::new().await;
    let unverified = Person { email_verified: false, ..ada() };
    let now = FixedClock::START;
    for answer in [
        world.google(&world.local.google_id_token(&unverified, now)).await,
        world.apple(&world.local.apple_code(&unverified, now)).await,
    ] {
        assert_failed(&answer, 401, "Email is not verified");
    }
}

#[actix_web::test]
async fn hostile_tokens_of_google_are_refused_and_the_service_goes_on() {
    let world = World::new().await;
    let claims = world.local.google_claims(&ada(), FixedClock::START);
    let expired = json!(FixedClock::START.unix_timestamp() - 60);
    let wrong_audience = format!("jwt audience invalid. expected: {}", ids::GOOGLE_CLIENT_ID);
    let mut hostile = world.forgeries(&claims);
    for (name, value, message) in [
        ("aud", json!("other.apps.googleusercontent.test"), wrong_audience.as_str()),
        ("iss", json!("https://accounts.google.com.evil.test"), "jwt issuer invalid"),
        ("exp", expired, "jwt expired"),
    ] {
        hostile.push((world.local.sign(&but(claims.clone(), name, value)), message));
    }
    for (token, message) in hostile {
        assert_failed(&world.google(&token).await, 401, message);
        world.still_serves(Provider::Google).await;
    }
    assert_failed(&world.google(&"x".repeat(101 * 1024)).await, 413, "request entity too large");
    world.still_serves(Provider::Google).await;
}

#[actix_web::test]
async fn hostile_answers_in_the_name_of_apple_are_refused_and_the_service_goes_on() {
    let world = World::new().await;
    let claims = world.local.apple_claims(&ada(), FixedClock::START);
    let expired = json!(FixedClock::START.unix_timestamp() - 60);
    let wrong_audience = format!("jwt audience invalid. expected: {}", ids::APPLE_CLIENT_ID);
    let wrong_issuer = "jwt issuer invalid. expected: https://appleid.apple.com";
    for (name, value, message) in [
        ("aud", json!("test.other.web"), wrong_audience.as_str()),
        ("iss", json!("https://appleid.apple.com.evil.test"), wrong_issuer),
        ("exp", expired, "jwt expired"),
    ] {
        let code = world.local.apple_code_for(Some(but(claims.clone(), name, value)));
        assert_failed(&world.apple(&code).await, 401, message);
        world.still_serves(Provider::Apple).await;
    }
    for (token, message) in world.forgeries(&claims) {
        let answer = json!({ "access_token": "a", "token_type": "Bearer", "id_token": token }).to_string();
        world.local.misbehave("/apple/auth/token", Misbehaviour::Reply(200, answer));
        let message = if message == "malformed idToken" { "Failed to obtain access token" } else { message };
        assert_failed(&world.apple("c0.0.nrqtx.test").await, 401, message);
        world.local.behave();
        world.still_serves(Provider::Apple).await;
    }
}

#[actix_web::test]
async fn a_code_of_apple_works_once_and_must_bring_an_id_token() {
    let world = World::new().await;
    let code = world.local.apple_code(&ada(), FixedClock::START);
    assert_eq!(world.apple(&code).await.status, 200);
    assert_failed(&world.apple(&code).await, 401, "Failed to obtain access token");
    assert_failed(&world.apple("c9.0.nrqtx.test").await, 401, "Failed to obtain access token");
    let without_token = world.local.apple_code_for(None);
    assert_failed(&world.apple(&without_token).await, 401, "ID Token not present in token response");
}

#[actix_web::test]
async fn hostile_tokens_of_facebook_are_refused_and_the_service_goes_on() {
    let world = World::new().await;
    let ours = || FacebookGrant::to_our_app(ada());
    let of_another_app = ("1".to_owned(), "another secret".to_owned());
    let grants = [
        FacebookGrant { app_id: of_another_app.0, app_secret: of_another_app.1, ..ours() },
        FacebookGrant { app_secret: "another secret".to_owned(), ..ours() },
        FacebookGrant { is_valid: false, ..ours() },
        FacebookGrant { kind: "PAGE".to_owned(), ..ours() },
        FacebookGrant { expires_at: FixedClock::START.unix_timestamp() - 60, ..ours() },
        FacebookGrant { inspected_id: Some("2".to_owned()), ..ours() },
    ];
    let mut tokens: Vec<String> = grants.into_iter().map(|grant| world.local.facebook_grant(grant)).collect();
    tokens.extend(["EAABnobody".to_owned(), "x".repeat(90 * 1024), "a&appsecret_proof=b".to_owned()]);
    for token in tokens {
        assert_failed(&world.facebook(&token).await, 401, "Failed to fetch user profile");
        world.still_serves(Provider::Facebook).await;
    }
}

#[track_caller]
fn assert_unavailable(answer: &Answer) {
    assert_failed(answer, 503, UNAVAILABLE);
    assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
}

#[actix_web::test]
async fn a_provider_that_fails_is_told_with_when_to_come_back_and_used_again_when_it_recovers() {
    for (provider, path) in PATHS {
        let world = World::new().await;
        for status in [500, 502, 503] {
            world.local.misbehave(path, Misbehaviour::Reply(status, "<h1>Sorry</h1>".to_owned()));
            assert_unavailable(&world.sign_in(provider).await);
        }
        world.recovers(provider).await;
    }
}

#[actix_web::test]
async fn a_provider_that_is_slow_is_not_waited_for_and_used_again_when_it_recovers() {
    for (provider, path) in PATHS {
        let world = World::impatient().await;
        for how in [Misbehaviour::Silence, Misbehaviour::Delay(Duration::from_mins(1))] {
            world.local.misbehave(path, how);
            assert_unavailable(&world.sign_in(provider).await);
        }
        world.recovers(provider).await;
    }
}

#[actix_web::test]
async fn a_provider_that_is_down_is_unavailable_and_other_routes_are_not() {
    let World { local, app, .. } = World::new().await;
    let now = FixedClock::START;
    let bodies = [
        ("google", json!({ "idToken": local.google_id_token(&ada(), now) })),
        ("facebook", json!({ "accessToken": local.facebook_token(ada()) })),
        ("apple", json!({ "code": local.apple_code(&ada(), now) })),
    ];
    drop(local);
    for (provider, body) in bodies {
        assert_unavailable(&app.post(&format!("/api/auth/{provider}"), &body).await);
    }
    super::sign_up(&app).await;
    assert_eq!(super::sign_in(&app, super::PASSWORD).await.status, 200);
}
