//! Building the application from the configured adapters: the only place that knows them all.

mod blobs;
mod places;
mod providers;

use std::{io, sync::Arc};

use async_trait::async_trait;
pub use places::geocoder;
use secrecy::{ExposeSecret, SecretSlice};
use vestibule_application::{
    Chat, ChatPorts, Core, CorePorts, Documents, DocumentsPorts, Fault, Identity, IdentityPorts, Places, PlacesPorts,
    Profiles, ProfilesPorts, chain,
};
use vestibule_bcrypt::BcryptHasher;
use vestibule_domain::mail::Mail;
use vestibule_http::HttpOptions;
use vestibule_identity::IdentityConfigError;
use vestibule_jwt::JwtSigner;
use vestibule_keys::SecretKeyring;
use vestibule_letters::{TemplateLetters, TemplatesError};
use vestibule_memory::{LocalBus, MemoryStore};
use vestibule_nominatim::NominatimConfigError;
use vestibule_objects::ObjectsError;
use vestibule_pictures::{LocalRenderer, RendererOptions};
use vestibule_ports::{Blobs, Bus, Clock, Mailer, MailerError, Store, StoreError};
use vestibule_postgres::PostgresStore;
use vestibule_smtp::{SmtpConfigError, SmtpMailer};
use vestibule_sqlite::{SqliteOptions, SqliteStore};
use vestibule_system::{OsRandomness, SystemClock};

use crate::{
    config::{Config, DataDirError, Database, data_dir},
    exit::Exit,
};

/// Why the parts cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The data directory contradicts the configuration.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The store cannot be opened.
    #[error("{}", chain(.0))]
    Store(Fault),
    /// The mail settings are wrong.
    #[error("mail cannot be set up: {}", chain(.0))]
    Mail(#[from] SmtpConfigError),
    /// The mail templates are wrong.
    #[error("mail cannot be written: {}", chain(.0))]
    Letters(#[from] TemplatesError),
    /// The settings of a sign-in provider are wrong.
    #[error("a sign-in provider cannot be set up: {}", chain(.0))]
    Provider(#[from] IdentityConfigError),
    /// The settings of the source of places are wrong.
    #[error("places cannot be looked up: {}", chain(.0))]
    Places(#[from] NominatimConfigError),
    /// Document contents cannot be stored at the configured place.
    #[error("VESTIBULE_BLOBS cannot be used: {}", chain(.0))]
    Blobs(#[from] ObjectsError),
    /// The secret, or a key derived from it, is unsuitable.
    #[error("the keys cannot be derived: {0}")]
    Keys(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A directory could not be created or a thread started.
    #[error("the operating system refused: {0}")]
    Io(#[from] io::Error),
}

impl From<StoreError> for ComposeError {
    fn from(error: StoreError) -> Self {
        Self::Store(error.into())
    }
}

impl ComposeError {
    /// The exit code.
    pub const fn exit(&self) -> Exit {
        match self {
            Self::DataDir(_)
            | Self::Mail(_)
            | Self::Letters(_)
            | Self::Provider(_)
            | Self::Places(_)
            | Self::Blobs(_)
            | Self::Keys(_) => Exit::Configuration,
            Self::Store(fault) => Exit::of(fault),
            Self::Io(_) => Exit::Failure,
        }
    }
}

/// The application, and what else the process needs.
pub struct Composition {
    /// The use cases of accounts.
    pub app: Arc<Identity>,
    /// The use cases of conversations.
    pub chat: Arc<Chat>,
    /// The use cases of stored documents.
    pub documents: Arc<Documents>,
    /// The use cases of profiles.
    pub profiles: Arc<Profiles>,
    /// The use cases of places.
    pub places: Arc<Places>,
    /// The mail server, if one is configured.
    pub smtp: Option<Arc<SmtpMailer>>,
}

/// Builds everything for serving; connects only to an SQLite file.
pub async fn compose(config: &Config) -> Result<Composition, ComposeError> {
    compose_with(config, true, |clock| blobs::open(config, clock)).await
}

/// Builds what a command needs: everything except the storage of document contents, which is neither checked nor created.
pub async fn compose_without_blobs(config: &Config) -> Result<Composition, ComposeError> {
    compose_with(config, false, |_| Ok(blobs::none())).await
}

async fn compose_with(
    config: &Config,
    serve: bool,
    open_blobs: impl FnOnce(&Arc<dyn Clock>) -> Result<Arc<dyn Blobs>, ComposeError>,
) -> Result<Composition, ComposeError> {
    let secret = data_dir::secret(config, &OsRandomness)?;
    let secret: SecretSlice<u8> = secret.expose_secret().as_bytes().to_vec().into();
    let keyring = SecretKeyring::new(&secret).map_err(|error| ComposeError::Keys(error.into()))?;
    let keys = vestibule_http::token_keys().into_iter().map(|key| (key, keyring.derive(&key.label())));
    let signer = JwtSigner::new(keys).map_err(|error| ComposeError::Keys(error.into()))?;
    let smtp = config.email.smtp.clone().map(SmtpMailer::new).transpose()?.map(Arc::new);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (store, bus) = open_store(config, serve).await?;
    let core = CorePorts {
        store,
        clock: Arc::clone(&clock),
        randomness: Arc::new(OsRandomness),
        keyring: Arc::new(keyring),
        letters: Arc::new(TemplateLetters::new(config.email.templates.as_deref())?),
    };
    let ports = IdentityPorts {
        hasher: Arc::new(BcryptHasher::new(config.security.hashing)?),
        signer: Arc::new(signer),
        mailer: match &smtp {
            Some(smtp) => Arc::clone(smtp) as Arc<dyn Mailer>,
            None => Arc::new(NoMailServer),
        },
        providers: providers::providers(&config.providers, &clock)?,
    };
    let core = Core::new(core, config.policy.clone());
    let chat = Chat::new(Arc::clone(&core), ChatPorts { bus });
    let blobs = open_blobs(&clock)?;
    let renderer = Arc::new(LocalRenderer::new(RendererOptions::default())?);
    let profiles = ProfilesPorts { blobs: Arc::clone(&blobs), renderer };
    let places = PlacesPorts { geocoder: geocoder(config)? };
    Ok(Composition {
        chat: Arc::new(chat),
        documents: Arc::new(Documents::new(Arc::clone(&core), DocumentsPorts { blobs })),
        profiles: Arc::new(Profiles::new(Arc::clone(&core), profiles)),
        places: Arc::new(Places::new(Arc::clone(&core), places)),
        app: Arc::new(Identity::new(core, ports)),
        smtp,
    })
}

/// The store, and the bus between its nodes.
async fn open_store(config: &Config, serve: bool) -> Result<(Arc<dyn Store>, Arc<dyn Bus>), ComposeError> {
    Ok(match &config.database.store {
        Database::Memory => (Arc::new(MemoryStore::new()), Arc::new(LocalBus::new())),
        Database::Sqlite(path) => {
            data_dir::make_home(&config.server.data_dir, path)?;
            (
                Arc::new(SqliteStore::open(path, SqliteOptions { serve, ..config.database.sqlite }).await?),
                Arc::new(LocalBus::new()),
            )
        }
        Database::Postgres(url) => {
            let store = PostgresStore::connect_lazy(url.expose_secret(), config.database.postgres)?;
            let bus = Arc::new(store.bus());
            (Arc::new(store), bus)
        }
    })
}

/// The HTTP part of the configuration; links in mail begin with the public URL.
pub fn http_options(config: &Config, public_url: &str) -> HttpOptions {
    HttpOptions {
        dialects: config.dialects.iter().cloned().map(|mount| mount.with_public_url(public_url)).collect(),
        trusted_proxies: config.server.trusted_proxies.clone(),
        cors_origins: config.server.cors_origins.clone(),
        requests: config.requests.limits,
        docs: config.server.docs,
        behind_https: config.server.public_url.as_ref().is_some_and(|url| url.starts_with("https://")),
    }
}

/// Used if no mail server is configured; the outbox then holds only mail from an earlier configuration.
struct NoMailServer;

#[async_trait]
impl Mailer for NoMailServer {
    async fn send(&self, _mail: &Mail) -> Result<(), MailerError> {
        Err(MailerError::Transient("no mail server is configured".to_owned()))
    }
}
