//! Refresh tokens under any course of events: a client that loses answers, its tabs, and a thief with copies.
//!
//! These must hold whatever happens, in any order and at any time:
//! - a session never has two usable tokens;
//! - a client that is alone and sends keys is never signed out;
//! - a thief who uses a token, more than 10 s apart from the client, leaves no live token behind after the client's next
//!   refresh.

use std::{
    any::Any,
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use proptest::{prelude::*, test_runner::TestRunner};
use time::Duration;
use tokio::runtime::{self, Runtime};
use vestibule_application::{
    Algorithm, Core, CorePorts, Identity, IdentityPorts, Operator, Policy, TokenKey,
    accounts::CreateAccount,
    sessions::{RefreshError, UseRefreshToken},
    sign_in::{Identifier, MailboxProof, SignInWithPassword},
};
use vestibule_domain::{
    EmailAddress, Origin, PasswordRules, PermissionSet, PersonName, RefreshTokenId, RequestId, Role, Source,
};
use vestibule_jwt::JwtSigner;
use vestibule_keys::SecretKeyring;
use vestibule_letters::TemplateLetters;
use vestibule_memory::MemoryStore;
use vestibule_ports::Store;
use vestibule_postgres::{PostgresOptions, PostgresStore};
use vestibule_sqlite::{SqliteOptions, SqliteStore};
use vestibule_testkit::{FixedClock, InstantHasher, RecordingMailer};

use crate::support::{Database, PASSWORD};

const KEY: TokenKey = TokenKey { dialect: "test", kind: "refresh", algorithm: Algorithm::Hs256 };

/// A store to play courses on, and how many.
struct Ground {
    runtime: Runtime,
    store: Arc<dyn Store>,
    cases: u32,
    played: AtomicU32,
    _keeps: Box<dyn Any>,
}

impl Ground {
    fn memory() -> Self {
        Self::new(runtime(), Arc::new(MemoryStore::new()), 200, Box::new(()))
    }

    fn sqlite() -> Self {
        let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
        let options = SqliteOptions { create: true, ..SqliteOptions::default() };
        let path = directory.path().join("vestibule.db");
        let store = runtime.block_on(SqliteStore::open(&path, options)).unwrap();
        Self::new(runtime, Arc::new(store), 20, Box::new(directory))
    }

    fn postgres() -> Self {
        let (runtime, database) = (runtime(), Database::empty());
        let store = runtime
            .block_on(async { PostgresStore::connect_lazy(&database.url(), PostgresOptions::default()) })
            .unwrap();
        Self::new(runtime, Arc::new(store), 20, Box::new(database))
    }

    fn new(runtime: Runtime, store: Arc<dyn Store>, cases: u32, keeps: Box<dyn Any>) -> Self {
        runtime.block_on(store.migrate()).unwrap();
        Self { runtime, store, cases, played: AtomicU32::new(0), _keeps: keeps }
    }

    /// Plays a course for each of many made-up ones.
    fn play<T: Strategy>(&self, courses: &T, course: &impl AsyncFn(&World, RefreshTokenId, T::Value)) {
        let config = ProptestConfig { cases: self.cases, ..ProptestConfig::default() };
        let played = TestRunner::new(config).run(courses, |steps| {
            self.runtime.block_on(async {
                let world = World::new(&self.store);
                let first = world.begin(self.played.fetch_add(1, Ordering::Relaxed)).await;
                course(&world, first, steps).await;
            });
            Ok(())
        });
        if let Err(failure) = played {
            panic!("{failure}");
        }
    }
}

fn runtime() -> Runtime {
    runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// An application whose time goes on when it is told to.
struct World {
    app: Identity,
    clock: Arc<FixedClock>,
    store: Arc<dyn Store>,
}

impl World {
    fn new(store: &Arc<dyn Store>) -> Self {
        let clock = Arc::new(FixedClock::at(FixedClock::START));
        let keyring = SecretKeyring::new(&vec![7; 32].into()).unwrap();
        let signer = JwtSigner::new([(KEY, keyring.derive("test"))]).unwrap();
        let core = CorePorts {
            store: Arc::clone(store),
            clock: clock.clone(),
            randomness: Arc::new(vestibule_system::OsRandomness),
            keyring: Arc::new(keyring),
            letters: Arc::new(TemplateLetters::new(None).unwrap()),
        };
        let ports = IdentityPorts {
            hasher: Arc::new(InstantHasher::default()),
            signer: Arc::new(signer),
            mailer: Arc::new(RecordingMailer::default()),
            providers: BTreeMap::new(),
        };
        let policy = Policy { limits: false, ..Policy::default() };
        Self { app: Identity::new(Core::new(core, policy), ports), clock, store: Arc::clone(store) }
    }

    /// Makes an account and signs it in; gives the first token.
    async fn begin(&self, number: u32) -> RefreshTokenId {
        let address = format!("client-{number}@example.test");
        let input = CreateAccount {
            email: EmailAddress::parse(&address).unwrap(),
            username: None,
            name: PersonName::UNKNOWN,
            permissions: PermissionSet::default(),
            role: Role::User,
            password: PasswordRules::default().check(PASSWORD).unwrap(),
        };
        self.app.create_account(Operator::at_the_console().as_ruler(), input).await.unwrap();
        let input = SignInWithPassword {
            origin: origin(),
            identifier: Identifier::email(&address),
            password: PASSWORD.to_owned(),
            proof: MailboxProof::NotNeeded,
            least_role: Role::User,
            refreshable: true,
        };
        self.app.sign_in_with_password(input).await.unwrap().refresh.unwrap().id
    }

    async fn refresh(&self, token: RefreshTokenId, key: Option<&str>) -> Result<RefreshTokenId, RefreshError> {
        let input = UseRefreshToken { origin: origin(), token, retry_key: key.map(str::to_owned) };
        Ok(self.app.use_refresh_token(input).await?.refresh.id)
    }

    fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }
}

fn origin() -> Origin {
    Origin { source: Source::new([192, 0, 2, 1].into()), request: RequestId::parse("request-1").unwrap() }
}

/// What may happen next.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Time passes.
    Wait(u32),
    /// The client refreshes, and gets the answer or loses it.
    Refresh { lost: bool },
    /// Several tabs refresh with the same token, and each gets its answer.
    Tabs(u8),
    /// The thief copies the token that the client has.
    Steal,
    /// The thief uses one of the tokens that it has seen, with a key of its own or without.
    Abuse { which: u8, keyed: bool },
}

/// Whether the client sends keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keys {
    Sent,
    None,
}

/// A client: its token, and the key of the unanswered use.
struct Client {
    keys: Keys,
    token: RefreshTokenId,
    unheard: Option<String>,
    uses: u32,
    signed_out: bool,
}

impl Client {
    /// The key of this use: that of the last one while its answer is unheard.
    fn key(&mut self) -> Option<String> {
        if self.keys == Keys::None {
            return None;
        }
        self.uses += 1;
        let fresh = format!("client-{}", self.uses);
        Some(self.unheard.get_or_insert(fresh).clone())
    }

    async fn refresh(&mut self, world: &World, lost: bool) {
        let key = self.key();
        match world.refresh(self.token, key.as_deref()).await {
            Ok(_) if lost => {}
            Ok(next) => {
                self.token = next;
                self.unheard = None;
            }
            Err(RefreshError::Fault(fault)) => panic!("{fault}"),
            Err(_) => self.signed_out = true,
        }
    }
}

/// A thief: every token that it has seen, and which of them it has used.
#[derive(Default)]
struct Thief {
    seen: Vec<RefreshTokenId>,
    uses: u32,
}

impl Thief {
    /// Uses a token; what it got is seen from then on.
    async fn abuse(&mut self, world: &World, which: u8, keyed: bool) -> bool {
        if self.seen.is_empty() {
            return false;
        }
        let token = self.seen[usize::from(which) % self.seen.len()];
        self.uses += 1;
        let key = keyed.then(|| format!("thief-{}", self.uses));
        match world.refresh(token, key.as_deref()).await {
            Ok(next) => {
                self.seen.push(next);
                true
            }
            Err(_) => false,
        }
    }
}

fn steps(thief: bool) -> impl Strategy<Value = Vec<Step>> {
    let honest = prop_oneof![
        (0u32..=40_000).prop_map(Step::Wait),
        any::<bool>().prop_map(|lost| Step::Refresh { lost }),
        (2u8..5).prop_map(Step::Tabs),
    ];
    let hostile = prop_oneof![
        Just(Step::Steal),
        (any::<u8>(), any::<bool>()).prop_map(|(which, keyed)| Step::Abuse { which, keyed })
    ];
    let weight = u32::from(thief) * 2;
    prop::collection::vec(prop_oneof![3 => honest, weight.max(1) => hostile], 1..40)
        .prop_map(move |steps| steps.into_iter().filter(|step| thief || !is_hostile(*step)).collect())
}

const fn is_hostile(step: Step) -> bool {
    matches!(step, Step::Steal | Step::Abuse { .. })
}

/// How many of all tokens ever issued can still be used, each tried on the present state.
async fn live(world: &World, given: &[RefreshTokenId]) -> usize {
    let mut counters: Vec<u32> = Vec::new();
    for token in given {
        if let Some(session) = world.store.read().sessions().find(token.session).await.unwrap()
            && session.counter == token.counter
        {
            counters.push(token.counter);
        }
    }
    counters.dedup();
    counters.len()
}

impl Client {
    fn new(keys: Keys, token: RefreshTokenId) -> Self {
        Self { keys, token, unheard: None, uses: 0, signed_out: false }
    }
}

fn keys(sent: bool) -> Keys {
    if sent { Keys::Sent } else { Keys::None }
}

/// How long the steps take, in seconds.
fn waited(steps: &[Step]) -> u32 {
    steps.iter().map(|step| if let Step::Wait(seconds) = step { *seconds } else { 0 }).sum()
}

/// Plays the steps for a client without a thief.
async fn play_alone(world: &World, client: &mut Client, steps: &[Step]) {
    for step in steps {
        match *step {
            Step::Wait(seconds) => world.advance(Duration::seconds(seconds.into())),
            Step::Refresh { lost } => client.refresh(world, lost).await,
            Step::Tabs(tabs) => {
                let (token, key) = (client.token, client.key());
                let mut answers = Vec::new();
                for _ in 0..tabs {
                    answers.push(world.refresh(token, key.as_deref()).await);
                }
                let Ok(first) = answers[0] else {
                    client.signed_out = true;
                    continue;
                };
                assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|next| *next == first)));
                (client.token, client.unheard) = (first, None);
            }
            Step::Steal | Step::Abuse { .. } => {}
        }
    }
}

/// Waits add up to less than the 7 days of an idle session, or it would end of old age.
const SHORT: u32 = 600_000;

fn a_client_alone_that_sends_keys_is_never_signed_out(ground: &Ground) {
    let courses = steps(false).prop_filter("an idle session ends", |steps| waited(steps) < SHORT);
    ground.play(&courses, &async |world, first, steps: Vec<Step>| {
        let mut client = Client::new(Keys::Sent, first);
        play_alone(world, &mut client, &steps).await;
        assert!(!client.signed_out);
        client.refresh(world, false).await;
        assert!(!client.signed_out);
    });
}

fn a_client_alone_without_keys_is_signed_out_only_after_a_lost_answer(ground: &Ground) {
    let lost = |step: &Step| matches!(step, Step::Refresh { lost: true });
    let courses = steps(false)
        .prop_map(move |steps| steps.into_iter().filter(|step| !lost(step)).collect::<Vec<_>>())
        .prop_filter("an idle session ends", |steps| waited(steps) < SHORT);
    ground.play(&courses, &async |world, first, steps: Vec<Step>| {
        let mut client = Client::new(Keys::None, first);
        play_alone(world, &mut client, &steps).await;
        assert!(!client.signed_out);
    });
}

fn a_session_never_has_two_live_tokens(ground: &Ground) {
    ground.play(&(steps(true), any::<bool>()), &async |world, first, (steps, keyed): (Vec<Step>, bool)| {
        let mut client = Client::new(keys(keyed), first);
        let mut thief = Thief::default();
        let mut given = vec![client.token];
        for step in &steps {
            match *step {
                Step::Steal => thief.seen.push(client.token),
                Step::Abuse { which, keyed } => {
                    thief.abuse(world, which, keyed).await;
                }
                honest => play_alone(world, &mut client, &[honest]).await,
            }
            given.push(client.token);
            given.extend(thief.seen.last());
            assert!(live(world, &given).await <= 1);
        }
    });
}

/// The preceding steps, the parties that send keys, whether the token was stolen before its use, and how often the thief
/// uses one.
type Theft = (Vec<Step>, [bool; 3], u8);

fn after_a_theft_the_client_s_next_refresh_leaves_no_live_token(ground: &Ground) {
    let courses = (steps(false), any::<[bool; 3]>(), 1u8..4);
    ground.play(&courses, &async |world, first, (before, [keyed, thief_keyed, stolen_before_use], uses): Theft| {
        let mut client = Client::new(keys(keyed), first);
        play_alone(world, &mut client, &before).await;
        let mut thief = Thief { seen: vec![client.token], uses: 0 };
        if !stolen_before_use {
            client.refresh(world, false).await;
        }
        world.advance(Duration::seconds(11));
        for _ in 0..uses {
            let newest = u8::try_from(thief.seen.len() - 1).unwrap();
            thief.abuse(world, newest, thief_keyed).await;
            world.advance(Duration::seconds(11));
        }
        client.refresh(world, false).await;
        assert!(world.store.read().sessions().find(client.token.session).await.unwrap().is_none());
        for token in thief.seen.iter().chain([&client.token]) {
            assert!(world.refresh(*token, None).await.is_err());
        }
    });
}

macro_rules! on_every_store {
    ($($property:ident)*) => {$(
        mod $property {
            use super::Ground;

            #[test]
            fn in_memory() {
                super::$property(&Ground::memory());
            }

            #[test]
            fn on_sqlite() {
                super::$property(&Ground::sqlite());
            }

            #[test]
            fn on_postgres() {
                super::$property(&Ground::postgres());
            }
        }
    )*};
}

on_every_store! {
    a_client_alone_that_sends_keys_is_never_signed_out
    a_client_alone_without_keys_is_signed_out_only_after_a_lost_answer
    a_session_never_has_two_live_tokens
    after_a_theft_the_client_s_next_refresh_leaves_no_live_token
}
