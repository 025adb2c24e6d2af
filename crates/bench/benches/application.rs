//! The use cases on the memory store: hashing takes no time and time stands still, so what is left is our own code.

#![expect(clippy::unwrap_used, reason = "a benchmark whose set-up fails is to end there")]

use std::{collections::BTreeMap, hint::black_box, sync::Arc};

use criterion::{Criterion, criterion_group, criterion_main};
use tokio::runtime::{Builder, Runtime};
use vestibule_application::{
    Algorithm, Caller, Claims, Core, CorePorts, Identity, IdentityPorts, Policy, TokenKey,
    accounts::{FindRegistered, Presented},
    sign_in::{Identifier, MailboxProof, SignInWithPassword},
};
use vestibule_domain::{Account, NewPassword, Origin, PasswordRules, RequestId, Role, Source};
use vestibule_jwt::JwtSigner;
use vestibule_keys::SecretKeyring;
use vestibule_letters::TemplateLetters;
use vestibule_memory::MemoryStore;
use vestibule_ports::{Clock, PasswordHasher, Store};
use vestibule_testkit::{AccountBuilder, FixedClock, InstantHasher, RecordingMailer, SeededRandomness};

const KEY: TokenKey = TokenKey { dialect: "bench", kind: "access", algorithm: Algorithm::Hs256 };
const PASSWORD: &str = "correct horse battery";
const ACCOUNTS: u32 = 10_000;

struct World {
    runtime: Runtime,
    app: Identity,
    /// One of the accounts.
    account: Account,
}

impl World {
    /// An application with some thousand accounts, and no limits: they would end the measurement.
    fn new() -> Self {
        let runtime = Builder::new_current_thread().build().unwrap();
        let hasher = InstantHasher::default();
        let store = MemoryStore::new();
        let account = runtime.block_on(populate(&store, &hasher));
        let keyring = SecretKeyring::new(&vec![7; 32].into()).unwrap();
        let ports = IdentityPorts {
            hasher: Arc::new(hasher),
            signer: Arc::new(JwtSigner::new([(KEY, keyring.derive("bench"))]).unwrap()),
            mailer: Arc::new(RecordingMailer::default()),
            providers: BTreeMap::new(),
        };
        let core = CorePorts {
            store: Arc::new(store),
            clock: Arc::new(FixedClock::default()),
            randomness: Arc::new(SeededRandomness::default()),
            keyring: Arc::new(keyring),
            letters: Arc::new(TemplateLetters::new(None).unwrap()),
        };
        let app = Identity::new(Core::new(core, Policy { limits: false, ..Policy::default() }), ports);
        Self { runtime, app, account }
    }

    fn token(&self) -> String {
        let mut claims = Claims::new();
        claims.insert("id".to_owned(), self.account.id().hex().into());
        claims.insert("exp".to_owned(), (FixedClock::default().now().unix_timestamp() + 60).into());
        self.app.sign_token(KEY, &claims).unwrap()
    }

    async fn sign_in(&self) {
        let input = SignInWithPassword {
            origin: origin(),
            identifier: Identifier::email(self.account.email().as_str()),
            password: PASSWORD.to_owned(),
            proof: MailboxProof::NotNeeded,
            least_role: Role::User,
            refreshable: false,
        };
        self.app.sign_in_with_password(input).await.unwrap();
    }

    /// What every request with a token begins with.
    async fn authenticate(&self, token: &str) -> Caller {
        self.app.verify_token(KEY, token).unwrap();
        let presented = Presented { account: self.account.id(), epoch: self.account.epoch().into() };
        self.app.authenticate(presented, origin()).await.unwrap()
    }
}

fn origin() -> Origin {
    Origin { source: Source::new([192, 0, 2, 1].into()), request: RequestId::parse("bench-1").unwrap() }
}

async fn populate(store: &MemoryStore, hasher: &InstantHasher) -> Account {
    let password: NewPassword = PasswordRules::default().check(PASSWORD).unwrap();
    let hash = hasher.hash(&password).await.unwrap();
    let mut unit = store.write().await.unwrap();
    for number in 0..ACCOUNTS {
        let account = AccountBuilder::numbered(number).password(Some(hash.clone())).build();
        unit.accounts().insert(&account).await.unwrap();
    }
    unit.commit().await.unwrap();
    AccountBuilder::numbered(ACCOUNTS / 2).build()
}

fn use_cases(criterion: &mut Criterion) {
    let world = World::new();
    let token = world.token();
    let caller = world.runtime.block_on(world.authenticate(&token));
    // Every second one has an account.
    let identifiers: Vec<_> = (0..500).map(|number| format!("Account-{}@example.test", number * 40)).collect();

    let mut group = criterion.benchmark_group("application");
    group.bench_function("token and account of a request", |bencher| {
        bencher.iter(|| world.runtime.block_on(world.authenticate(black_box(&token))));
    });
    group.bench_function("sign-in from a known source", |bencher| {
        bencher.iter(|| world.runtime.block_on(world.sign_in()));
    });
    group.bench_function("500 contacts, half of them registered", |bencher| {
        bencher.iter(|| {
            let input = FindRegistered { identifiers: black_box(&identifiers).clone() };
            world.runtime.block_on(world.app.find_registered(&caller, input)).unwrap()
        });
    });
    group.finish();
}

criterion_group!(benches, use_cases);
criterion_main!(benches);
