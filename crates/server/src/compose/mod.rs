//! Building the application out of the configured adapters: the one place that knows them all.

mod providers;

use std::{io, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretSlice};
use vestibule_application::{Application, MailDelivery, Policy, Ports, chain};
use vestibule_bcrypt::{BcryptHasher, BcryptOptions};
use vestibule_domain::{PasswordRules, mail::Mail};
use vestibule_http::{DialectOptions, EgoOptions, HttpOptions, MernOptions};
use vestibule_identity::IdentityConfigError;
use vestibule_jwt::JwtSigner;
use vestibule_keys::SecretKeyring;
use vestibule_letters::{TemplateLetters, TemplatesError};
use vestibule_memory::MemoryStore;
use vestibule_ports::{Clock, Mailer, MailerError, Store, StoreError};
use vestibule_postgres::{PostgresOptions, PostgresStore};
use vestibule_smtp::{SmtpConfigError, SmtpMailer, SmtpOptions, SmtpTimeouts};
use vestibule_sqlite::{SqliteOptions, SqliteStore};
use vestibule_system::{OsRandomness, SystemClock};

use crate::{
    config::{Config, DataDirError, Database, Numbers, Smtp, data_dir},
    exit::Exit,
};

/// How long before its lease ends a mail is given up: the lease began a little before the mail server was asked.
const LEASE_MARGIN: Duration = Duration::from_secs(5);

/// Why the parts do not come together.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The data directory does not fit the configuration.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The store cannot be opened.
    #[error("the store cannot be opened: {}", chain(.0))]
    Store(#[from] StoreError),
    /// The mail settings do not fit.
    #[error("mail cannot be set up: {}", chain(.0))]
    Mail(#[from] SmtpConfigError),
    /// The mail templates are wrong.
    #[error("mail cannot be written: {}", chain(.0))]
    Letters(#[from] TemplatesError),
    /// The settings of a sign-in provider do not fit.
    #[error("a sign-in provider cannot be set up: {}", chain(.0))]
    Provider(#[from] IdentityConfigError),
    /// The secret or the keys made from it do not fit.
    #[error("the keys cannot be made: {0}")]
    Keys(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A directory or a thread.
    #[error("the machine refused: {0}")]
    Io(#[from] io::Error),
}

impl ComposeError {
    /// What the process answers.
    pub const fn exit(&self) -> Exit {
        match self {
            Self::DataDir(_) | Self::Mail(_) | Self::Letters(_) | Self::Provider(_) | Self::Keys(_) => {
                Exit::Configuration
            }
            Self::Store(_) => Exit::StoreUnavailable,
            Self::Io(_) => Exit::Failure,
        }
    }
}

/// The application and what the process needs beside it.
pub struct Composition {
    /// The use cases.
    pub app: Arc<Application>,
    /// The mail server, where one is configured.
    pub smtp: Option<Arc<SmtpMailer>>,
}

/// Builds everything; connects to nothing but an SQLite file.
pub async fn compose(config: &Config) -> Result<Composition, ComposeError> {
    let secret = data_dir::secret(config, &OsRandomness)?;
    let secret: SecretSlice<u8> = secret.expose_secret().as_bytes().to_vec().into();
    let keyring = SecretKeyring::new(&secret).map_err(|error| ComposeError::Keys(error.into()))?;
    let keys = vestibule_http::token_keys().into_iter().map(|key| {
        let label = format!("token/{}/{}/{:?}", key.dialect, key.kind, key.algorithm);
        (key, keyring.derive(&label))
    });
    let signer = JwtSigner::new(keys).map_err(|error| ComposeError::Keys(error.into()))?;
    let smtp = config.email.smtp.as_ref().map(|smtp| mailer(config, smtp)).transpose()?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ports = Ports {
        store: open_store(config).await?,
        clock: Arc::clone(&clock),
        randomness: Arc::new(OsRandomness),
        hasher: Arc::new(hasher(config)?),
        keyring: Arc::new(keyring),
        signer: Arc::new(signer),
        mailer: match &smtp {
            Some(smtp) => Arc::clone(smtp) as Arc<dyn Mailer>,
            None => Arc::new(NoMailServer),
        },
        letters: Arc::new(TemplateLetters::new(config.email.templates.as_deref())?),
        providers: providers::providers(&config.providers, &clock)?,
    };
    Ok(Composition { app: Arc::new(Application::new(ports, policy(config))), smtp })
}

async fn open_store(config: &Config) -> Result<Arc<dyn Store>, ComposeError> {
    let times = &config.database.times;
    Ok(match &config.database.store {
        Database::Memory => Arc::new(MemoryStore::new()),
        Database::Sqlite(path) => {
            make_parent(path)?;
            // Whether a database that was here before is missing has been looked at with the secret.
            let options = SqliteOptions { create: true, readers: config.database.readers, busy: times.busy };
            Arc::new(SqliteStore::open(path, options).await?)
        }
        Database::Postgres(url) => {
            let options = PostgresOptions {
                max_connections: config.database.pool,
                acquire_timeout: times.acquire,
                statement_timeout: times.statement,
                lock_timeout: times.lock,
            };
            Arc::new(PostgresStore::connect_lazy(url.expose_secret(), options)?)
        }
    })
}

fn make_parent(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(parent)
        }
        _ => Ok(()),
    }
}

fn hasher(config: &Config) -> io::Result<BcryptHasher> {
    BcryptHasher::new(BcryptOptions {
        cost: config.security.bcrypt_cost,
        threads: config.security.hash_threads,
        queue: config.security.hash_queue,
        max_wait: config.security.hash_wait,
    })
}

fn mailer(config: &Config, smtp: &Smtp) -> Result<Arc<SmtpMailer>, SmtpConfigError> {
    let (user, password) = smtp.credentials.clone().unzip();
    let options = SmtpOptions {
        host: smtp.host.clone(),
        port: smtp.port,
        user,
        password,
        from: config.email.from.clone(),
        ca_file: smtp.ca_file.clone(),
        tls: None,
        timeouts: SmtpTimeouts {
            connect: smtp.connect_time,
            command: smtp.command_time,
            // Who takes longer would deliver what another worker has begun to.
            total: config.numbers.outbox.lease.unsigned_abs().saturating_sub(LEASE_MARGIN),
        },
    };
    SmtpMailer::new(options).map(Arc::new)
}

fn policy(config: &Config) -> Policy {
    let Numbers {
        code_lifetime,
        code_tries,
        links,
        guesses,
        mailbox,
        node,
        outbox,
        refresh,
        provisional_memory,
        event_memory,
    } = config.numbers.clone();
    Policy {
        limits: config.security.limits,
        password: PasswordRules::at_least(config.security.password_min),
        mail: match config.email.smtp {
            Some(_) => MailDelivery::Outbox,
            None => MailDelivery::LocalMailbox { from: config.email.from.clone() },
        },
        code_lifetime,
        code_tries,
        links,
        guesses,
        mailbox,
        node,
        outbox,
        refresh,
        provisional_memory,
        event_memory,
    }
}

/// The HTTP side's part of the configuration; links in mail begin with the public URL.
pub fn http_options(config: &Config, public_url: &str) -> HttpOptions {
    let (contacts, mern, ego) = (&config.contacts, &config.mern, &config.ego);
    HttpOptions {
        contacts: contacts.enabled.then(|| DialectOptions { prefix: contacts.prefix.clone() }),
        mern: mern.dialect.enabled.then(|| MernOptions {
            prefix: mern.dialect.prefix.clone(),
            verify_email: mern.verify_email,
            reset_password: mern.reset_password,
            title: mern.title.clone(),
            public_url: public_url.to_owned(),
        }),
        ego: ego.dialect.enabled.then(|| EgoOptions {
            prefix: ego.dialect.prefix.clone(),
            password_min: ego.password_min,
            frontend_url: ego.frontend_url.clone().unwrap_or_else(|| public_url.to_owned()),
        }),
        trusted_proxies: config.server.trusted_proxies.clone(),
        cors_origins: config.server.cors_origins.clone(),
        requests: config.requests.limits,
        behind_https: config.server.public_url.as_ref().is_some_and(|url| url.starts_with("https://")),
    }
}

/// Stands where no mail server is configured; the outbox then only holds what an earlier configuration left there.
struct NoMailServer;

#[async_trait]
impl Mailer for NoMailServer {
    async fn send(&self, _mail: &Mail) -> Result<(), MailerError> {
        Err(MailerError::Transient("no mail server is configured".to_owned()))
    }
}
