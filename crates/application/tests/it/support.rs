//! An application of real parts but for time, randomness, hashing and the mail server.

use std::{collections::BTreeMap, sync::Arc};

use time::Duration;
use vestibule_application::{
    Algorithm, Core, CorePorts, Documents, DocumentsPorts, Fault, Identity, IdentityPorts, Language, MailDelivery,
    Operator, Policy, TokenKey,
    accounts::CreateAccount,
    mail::{Delivery, LinkMail},
    register::{RegisterError, RegisterWithPassword, Registered},
    sign_in::{Identifier, MailboxProof, SignInError, SignInWithPassword, SignedIn},
};
use vestibule_domain::{
    Account, CodeFormat, DossierChange, EmailAddress, FullName, NewPassword, Origin, PasswordRules, PermissionSet,
    PersonName, Provider, RequestId, Role, Source, Username,
};
use vestibule_jwt::JwtSigner;
use vestibule_keys::SecretKeyring;
use vestibule_letters::TemplateLetters;
use vestibule_memory::{MemoryBlobs, MemoryStore};
use vestibule_ports::{Blobs, IdentityProvider, Store};
use vestibule_testkit::{FixedClock, InstantHasher, RecordingMailer, ScriptedProvider, SeededRandomness};

const KEY: TokenKey = TokenKey { dialect: "test", kind: "access", algorithm: Algorithm::Hs256 };
pub(crate) const PASSWORD: &str = "correct horse";
/// Long enough, and refused to whoever has power over others.
pub(crate) const COMMON: &str = "Password1";
pub(crate) const FORMAT: CodeFormat = CodeFormat::SixDigits;

pub(crate) struct World {
    pub(crate) app: Identity,
    pub(crate) documents: Documents,
    pub(crate) blobs: Arc<dyn Blobs>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) hasher: Arc<InstantHasher>,
    pub(crate) mailer: Arc<RecordingMailer>,
    pub(crate) store: Arc<dyn Store>,
    /// Stands for Google and for Apple.
    pub(crate) provider: Arc<ScriptedProvider>,
}

impl World {
    /// Limits on, mail by the outbox.
    pub(crate) fn new() -> Self {
        Self::with(Policy::default())
    }

    /// Limits off, mail by the outbox.
    pub(crate) fn unlimited() -> Self {
        Self::with(Policy { limits: false, ..Policy::default() })
    }

    /// Mail into the local mailbox.
    pub(crate) fn with_local_mailbox() -> Self {
        let mail = MailDelivery::LocalMailbox { from: "Test <no-reply@example.test>".to_owned() };
        Self::with(Policy { mail, ..Policy::default() })
    }

    pub(crate) fn with(policy: Policy) -> Self {
        Self::with_ports(policy, |_, _| {})
    }

    /// With some ports changed for others, such as those that expect to be called in a certain way.
    pub(crate) fn with_ports(policy: Policy, change: impl FnOnce(&mut CorePorts, &mut IdentityPorts)) -> Self {
        let clock = Arc::new(FixedClock::at(FixedClock::START));
        let hasher = Arc::new(InstantHasher::default());
        let mailer = Arc::new(RecordingMailer::default());
        let keyring = SecretKeyring::new(&vec![7; 32].into()).unwrap();
        let signer = JwtSigner::new([(KEY, keyring.derive("test"))]).unwrap();
        let provider = Arc::new(ScriptedProvider::default());
        let providers =
            [Provider::Google, Provider::Apple].map(|of| (of, provider.clone() as Arc<dyn IdentityProvider>));
        let mut core = CorePorts {
            store: Arc::new(MemoryStore::new()),
            clock: clock.clone(),
            randomness: Arc::new(SeededRandomness::new(1)),
            keyring: Arc::new(keyring),
            letters: Arc::new(TemplateLetters::new(None).unwrap()),
        };
        let mut ports = IdentityPorts {
            hasher: hasher.clone(),
            signer: Arc::new(signer),
            mailer: mailer.clone(),
            providers: BTreeMap::from(providers),
        };
        change(&mut core, &mut ports);
        let store = Arc::clone(&core.store);
        let blobs: Arc<dyn Blobs> = Arc::new(MemoryBlobs::new(clock.clone()));
        let core = Core::new(core, policy);
        let documents = Documents::new(Arc::clone(&core), DocumentsPorts { blobs: Arc::clone(&blobs) });
        Self { app: Identity::new(core, ports), documents, blobs, clock, hasher, mailer, store, provider }
    }

    /// Keeps the contents of documents where another one does.
    pub(crate) fn share_blobs(&mut self, blobs: &Arc<dyn Blobs>) {
        self.blobs = Arc::clone(blobs);
        self.documents = Documents::new(Arc::clone(self.app.core()), DocumentsPorts { blobs: Arc::clone(blobs) });
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Stores an account as it is.
    pub(crate) async fn insert(&self, account: &Account) {
        let mut unit = self.store.write().await.unwrap();
        unit.accounts().insert(account).await.unwrap();
        unit.commit().await.unwrap();
    }

    pub(crate) async fn register(&self, address: &str) -> Result<Registered, RegisterError> {
        self.app.register_with_password(sign_up(address, None)).await
    }

    /// An account as an operator makes it.
    pub(crate) async fn with_account(&self, address: &str, role: Role) -> Account {
        let input = CreateAccount {
            email: email(address),
            username: None,
            name: PersonName::UNKNOWN,
            permissions: PermissionSet::default(),
            role,
            password: password(PASSWORD),
        };
        self.app.create_account(Operator::at_the_console().as_ruler(), input).await.unwrap()
    }

    pub(crate) async fn sign_in(&self, address: &str, password: &str, from: u8) -> Result<SignedIn, SignInError> {
        let input = SignInWithPassword {
            origin: origin(from),
            identifier: Identifier::email(address),
            password: password.to_owned(),
            proof: MailboxProof::NotNeeded,
            least_role: Role::User,
            refreshable: false,
        };
        self.app.sign_in_with_password(input).await
    }

    /// Hands over what is due, one mail after the other.
    pub(crate) async fn deliver_due_mail(&self) -> Result<Vec<Delivery>, Fault> {
        let mut outcomes = Vec::new();
        for mail in self.app.lease_due_mail(16).await? {
            outcomes.push(self.app.deliver(mail).await?);
        }
        Ok(outcomes)
    }

    /// The only code that was mailed so far, or the newest.
    pub(crate) async fn mailed_code(&self) -> String {
        self.deliver_due_mail().await.unwrap();
        let mail = self.mailer.taken().pop().expect("a mail");
        mail.content.text.split_whitespace().find(|word| FORMAT.parse(word).is_ok()).expect("a code").to_owned()
    }
}

pub(crate) fn origin(last: u8) -> Origin {
    let request = RequestId::parse(&format!("request-{last}")).unwrap();
    Origin { source: Source::new([192, 0, 2, last].into()), request }
}

pub(crate) fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

pub(crate) fn password(text: &str) -> NewPassword {
    PasswordRules::default().check(text).unwrap()
}

/// The sign-up of Alice Martin.
pub(crate) fn sign_up(address: &str, username: Option<&str>) -> RegisterWithPassword {
    RegisterWithPassword {
        origin: origin(1),
        email: email(address),
        username: username.map(|name| Username::parse(name).unwrap()),
        name: PersonName::Full(FullName::parse("Alice Martin").unwrap()),
        password: password(PASSWORD),
        dossier: DossierChange::default(),
    }
}

/// A mail with a link.
pub(crate) fn link_mail() -> LinkMail {
    LinkMail {
        template: "verify-email-link",
        language: Language::English,
        url_prefix: "https://example.org/verify-email/".to_owned(),
        fields: [("title", "Test"), ("team", "Test"), ("site", "https://example.org")]
            .map(|(name, value)| (name, value.to_owned()))
            .into(),
    }
}
