//! The whole service on the memory store, with a clock that is set by hand and mail that is read at once.

use std::{
    collections::BTreeMap,
    future::poll_fn,
    net::SocketAddr,
    pin::Pin,
    rc::Rc,
    sync::{Arc, LazyLock},
};

use actix_web::{
    HttpResponse,
    body::{BoxBody, MessageBody, to_bytes},
    dev::Service,
    http::{Method, header::HeaderMap},
    test::{TestRequest, init_service},
};
use futures_util::future::{FutureExt, LocalBoxFuture};
use secrecy::SecretSlice;
use serde_json::Value;
use time::Duration;
use tokio::time::timeout;
use vestibule_application::{
    Algorithm, Chat, ChatPorts, Core, CorePorts, Documents, DocumentsPorts, Identity, IdentityPorts, MailDelivery,
    Operator, Places, PlacesPorts, Policy, Profiles, ProfilesPorts, TokenKey,
};
use vestibule_domain::{Account, AccountId, EmailAddress, PasswordRules, Provider, mail::ReceivedMail};
use vestibule_http::{HttpOptions, Leaving, RouteRow, Site};
use vestibule_jwt::JwtSigner;
use vestibule_keys::SecretKeyring;
use vestibule_letters::TemplateLetters;
use vestibule_memory::{LocalBus, MemoryBlobs, MemoryStore};
use vestibule_ports::{Blobs, IdentityProvider, Store};
use vestibule_testkit::{
    FixedClock, InstantHasher, InstantRenderer, RecordingMailer, ScriptedGeocoder, SeededRandomness,
};

/// Where requests come from without further word.
pub(crate) const HOME: &str = "192.0.2.1:4000";
pub(crate) const ACCESS: TokenKey = TokenKey { dialect: "contacts", kind: "access", algorithm: Algorithm::Hs256 };
pub(crate) const RESET: TokenKey = TokenKey { dialect: "contacts", kind: "reset", algorithm: Algorithm::Hs256 };

use crate::truth::Truth;

const JSON: (&str, &str) = ("Content-Type", "application/json");

type Send = dyn Fn(TestRequest) -> LocalBoxFuture<'static, Sent>;

/// What was asked for, and the answer.
struct Sent {
    method: Method,
    path: String,
    response: HttpResponse<BoxBody>,
}

/// What a test may want otherwise.
pub(crate) struct Setup {
    pub(crate) limits: bool,
    pub(crate) password: PasswordRules,
    pub(crate) options: HttpOptions,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) providers: BTreeMap<Provider, Arc<dyn IdentityProvider>>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            limits: true,
            password: PasswordRules::default(),
            options: HttpOptions::default(),
            store: Arc::new(MemoryStore::new()),
            providers: BTreeMap::new(),
        }
    }
}

/// The service, and the parts that a test looks at or turns.
pub(crate) struct TestApp {
    pub(crate) app: Arc<Identity>,
    pub(crate) chat: Arc<Chat>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) hasher: Arc<InstantHasher>,
    pub(crate) renderer: Arc<InstantRenderer>,
    pub(crate) geocoder: Arc<ScriptedGeocoder>,
    pub(crate) profiles: Arc<Profiles>,
    pub(crate) store: Arc<dyn Store>,
    /// For a real server.
    pub(crate) service: vestibule_http::Service,
    send: Box<Send>,
    /// What the document says.
    truth: LazyLock<Truth, Box<dyn FnOnce() -> Truth>>,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl TestApp {
    pub(crate) async fn new() -> Self {
        Self::with(Setup::default()).await
    }

    pub(crate) async fn without_limits() -> Self {
        Self::with(Setup { limits: false, ..Setup::default() }).await
    }

    pub(crate) async fn with(setup: Setup) -> Self {
        let Setup { limits, password, options, store, providers } = setup;
        let told = options.clone();
        let (clock, hasher) = (Arc::new(FixedClock::default()), Arc::new(InstantHasher::default()));
        let core = CorePorts {
            store: Arc::clone(&store),
            clock: clock.clone(),
            randomness: Arc::new(SeededRandomness::new(7)),
            keyring: Arc::new(keyring()),
            letters: Arc::new(TemplateLetters::new(None).unwrap()),
        };
        let ports = IdentityPorts {
            hasher: hasher.clone(),
            signer: Arc::new(signer(vestibule_http::token_keys())),
            mailer: Arc::new(RecordingMailer::default()),
            providers,
        };
        let mail = MailDelivery::LocalMailbox { from: "vestibule@example.test".to_owned() };
        let core = Core::new(core, Policy { limits, password, mail, ..Policy::default() });
        let chat = Arc::new(Chat::new(Arc::clone(&core), ChatPorts { bus: Arc::new(LocalBus::new()) }));
        let blobs: Arc<dyn Blobs> = Arc::new(MemoryBlobs::new(clock.clone()));
        let documents = Arc::new(Documents::new(Arc::clone(&core), DocumentsPorts { blobs: Arc::clone(&blobs) }));
        let (renderer, geocoder) = (Arc::new(InstantRenderer::default()), Arc::new(ScriptedGeocoder::default()));
        let profiles = ProfilesPorts { blobs, renderer: renderer.clone() };
        let profiles = Arc::new(Profiles::new(Arc::clone(&core), profiles));
        let places = Arc::new(Places::new(Arc::clone(&core), PlacesPorts { geocoder: geocoder.clone() }));
        let app = Arc::new(Identity::new(core, ports));
        let site = Site {
            identity: Arc::clone(&app),
            chat: Arc::clone(&chat),
            documents,
            profiles: Arc::clone(&profiles),
            places,
            options: Arc::new(options),
            leaving: Leaving::default(),
        };
        let service = vestibule_http::service(site);
        let local = Rc::new(init_service(service.build()).await);
        let send = move |request: TestRequest| {
            let service = Rc::clone(&local);
            async move {
                let request = request.to_request();
                let (method, path) = (request.method().clone(), request.path().to_owned());
                let response = match service.call(request).await {
                    Ok(response) => HttpResponse::from(response).map_into_boxed_body(),
                    Err(error) => error.error_response(),
                };
                Sent { method, path, response }
            }
            .boxed_local()
        };
        let truth = LazyLock::new(Box::new(move || Truth::of(&told, password)) as Box<dyn FnOnce() -> Truth>);
        Self { app, chat, clock, hasher, renderer, geocoder, profiles, store, service, send: Box::new(send), truth }
    }

    /// Sends a request, from [`HOME`] if it does not say otherwise, and holds the answer against the document.
    pub(crate) async fn send(&self, request: TestRequest) -> Answer {
        let Sent { method, path, response } = (self.send)(request).await;
        let answer = Answer::read(response).await;
        self.truth.check(&method, &path, &answer);
        answer
    }

    /// Sends a request whose answer goes on.
    pub(crate) async fn open(&self, request: TestRequest) -> OpenAnswer {
        let Sent { response, .. } = (self.send)(request).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        OpenAnswer { status, headers, body: response.into_body() }
    }

    /// Sends JSON.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(post(path).set_payload(body.to_string())).await
    }

    /// Sends JSON from an address.
    pub(crate) async fn post_from(&self, address: &str, path: &str, body: &Value) -> Answer {
        self.send(post(path).peer_addr(socket(address)).set_payload(body.to_string())).await
    }

    /// Sends JSON with an access token.
    pub(crate) async fn post_as(&self, token: &str, path: &str, body: &Value) -> Answer {
        self.send(post(path).insert_header(bearer(token)).set_payload(body.to_string())).await
    }

    /// Sends JSON by any method, with an access token.
    pub(crate) async fn send_as(&self, token: &str, method: Method, path: &str, body: &Value) -> Answer {
        let request = TestRequest::with_uri(path).method(method).peer_addr(socket(HOME));
        self.send(request.insert_header(JSON).insert_header(bearer(token)).set_payload(body.to_string())).await
    }

    /// Reads a path with an access token.
    pub(crate) async fn get_as(&self, token: &str, path: &str) -> Answer {
        self.send(get(path).insert_header(bearer(token))).await
    }

    /// Moves the clock on.
    pub(crate) fn wait(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Mail to an address, newest first.
    pub(crate) async fn mails(&self, to: &str) -> Vec<ReceivedMail> {
        self.app.list_mailbox(Some(&EmailAddress::parse(to).unwrap())).await.unwrap()
    }

    /// The six digits of the newest mail to an address.
    pub(crate) async fn code(&self, to: &str) -> String {
        let text = self.mails(to).await.first().expect("a mail").mail.content.text.clone();
        let code =
            text.split_whitespace().find(|word| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit()));
        code.expect("a code in the newest mail").to_owned()
    }

    /// Signs claims with the key of one of the dialect's kinds of tokens.
    pub(crate) fn sign(&self, key: TokenKey, claims: &Value) -> String {
        self.app.sign_token(key, claims.as_object().unwrap()).unwrap()
    }

    /// The claims of a token of one of the dialect's kinds.
    pub(crate) fn claims(&self, key: TokenKey, token: &str) -> Value {
        Value::Object(self.app.verify_token(key, token).unwrap())
    }

    /// Puts an account into the store, in the place of one with its id.
    pub(crate) async fn put(&self, account: &Account) {
        let mut unit = self.store.write().await.unwrap();
        if !unit.accounts().update(account).await.unwrap() {
            unit.accounts().insert(account).await.unwrap();
        }
        unit.commit().await.unwrap();
    }

    /// Removes an account, as an operator does.
    pub(crate) async fn remove(&self, id: &str) {
        self.app
            .remove_account(Operator::at_the_console().authority_over(AccountId::from_hex(id).unwrap()))
            .await
            .unwrap();
    }
}

/// An answer that goes on.
pub(crate) struct OpenAnswer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    body: BoxBody,
}

impl OpenAnswer {
    /// The next piece, or none at the end.
    pub(crate) async fn bytes(&mut self) -> Option<Vec<u8>> {
        let next = poll_fn(|context| Pin::new(&mut self.body).poll_next(context));
        let next = timeout(std::time::Duration::from_secs(10), next).await.expect("a piece in time");
        next.map(|piece| piece.unwrap().to_vec())
    }

    /// The next piece as a text.
    pub(crate) async fn piece(&mut self) -> Option<String> {
        self.bytes().await.map(|piece| String::from_utf8(piece).unwrap())
    }
}

impl Answer {
    async fn read(response: HttpResponse<BoxBody>) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = to_bytes(response.into_body()).await.unwrap();
        Self { status, headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{} {:?} is not JSON", self.status, self.text))
    }

    /// The body to the byte, but for ids and tokens.
    pub(crate) fn redacted(&self) -> String {
        let is_id = |text: &str| text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let redact = |text| {
            if is_id(text) {
                "[id]"
            } else if text.starts_with("eyJ") {
                "[token]"
            } else {
                text
            }
        };
        self.text.split('"').map(redact).collect::<Vec<_>>().join("\"")
    }

    /// A field of `data` that is a text.
    pub(crate) fn data(&self, key: &str) -> String {
        self.json()["data"][key].as_str().unwrap_or_else(|| panic!("no {key} in {}", self.text)).to_owned()
    }

    /// The value of a header, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub(crate) fn post(path: &str) -> TestRequest {
    TestRequest::post().uri(path).peer_addr(socket(HOME)).insert_header(JSON)
}

pub(crate) fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path).peer_addr(socket(HOME))
}

/// The path of a row about an account, and about the first that there is of anything else; without optional segments.
pub(crate) fn path_of(row: &RouteRow, id: &str) -> String {
    let needed = row.path.split('/').count() - row.optional;
    let path: Vec<&str> = row.path.split('/').take(needed).collect();
    let given = [
        ("{userId}", id),
        ("{profileId}", id),
        ("{messageId}", id),
        ("{id}", id),
        ("{field}", "taxId"),
        ("{token}", "x"),
        ("{folder}", "profile"),
        ("{name}", "x.jpg"),
    ];
    given.iter().fold(path.join("/"), |path, (parameter, value)| path.replace(parameter, value))
}

pub(crate) fn bearer(token: &str) -> (&'static str, String) {
    ("Authorization", format!("Bearer {token}"))
}

fn socket(address: &str) -> SocketAddr {
    address.parse().unwrap()
}

/// Keys from the secret that every test app has.
pub(crate) fn keyring() -> SecretKeyring {
    SecretKeyring::new(&SecretSlice::from(vec![7; 32])).unwrap()
}

/// A signer with keys of the test apps' secret.
pub(crate) fn signer(keys: Vec<TokenKey>) -> JwtSigner {
    let keyring = keyring();
    JwtSigner::new(keys.into_iter().map(|key| (key, keyring.derive(&key.label())))).unwrap()
}

/// A key of another algorithm with the secret of a key, and a signer that has it.
pub(crate) fn same_secret(key: TokenKey, algorithm: Algorithm) -> (TokenKey, JwtSigner) {
    let other = TokenKey { algorithm, ..key };
    (other, JwtSigner::new([(other, keyring().derive(&key.label()))]).unwrap())
}
