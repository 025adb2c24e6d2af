//! Configuration: one TOML file and the environment, read into plain validated structs.

pub mod blobs;
mod dangers;
pub mod data_dir;
pub mod database;
mod dialects;
mod ehlo;
pub mod env;
pub mod error;
mod file;
pub mod key;
pub mod keys;
mod modes;
pub mod numbers;
mod parse;
pub mod places;
pub mod providers;
mod resolve;
pub mod settings;
pub mod show;
mod suggest;
pub mod trial;
mod value;

use std::{net::SocketAddr, path::PathBuf};

pub use blobs::BlobPlace;
pub use data_dir::DataDirError;
pub use database::{Database, Kept};
pub use env::Environment;
pub use error::{ConfigError, Problem};
use ipnet::IpNet;
pub use numbers::Requests;
pub use places::Places;
pub use providers::Providers;
use secrecy::SecretString;
pub use settings::{Settings, Sources};
use vestibule_application::Policy;
use vestibule_bcrypt::BcryptOptions;
use vestibule_domain::{EmailAddress, Username};
use vestibule_http::Mount;
use vestibule_postgres::PostgresOptions;
use vestibule_smtp::SmtpOptions;
use vestibule_sqlite::SqliteOptions;

/// Everything that was configured, validated.
#[derive(Debug, Clone)]
pub struct Config {
    /// The listener.
    pub server: Server,
    /// The store.
    pub database: DatabaseSettings,
    /// Where document contents are stored.
    pub blobs: BlobPlace,
    /// Time and size limits of requests.
    pub requests: Requests,
    /// Secret, passwords, limits.
    pub security: Security,
    /// Limits and policies of the use cases.
    pub policy: Policy,
    /// The first root, if one is to be created.
    pub root: Option<Root>,
    /// Mail.
    pub email: Email,
    /// Where metrics are served, if at all.
    pub metrics_listen: Option<SocketAddr>,
    /// Log lines.
    pub log: Log,
    /// Every dialect, whether it is on, where, and with which settings.
    pub dialects: Vec<Mount>,
    /// Sign-in providers.
    pub providers: Providers,
    /// Where places are looked up.
    pub places: Places,
    /// Warnings at start about settings that are allowed.
    pub warnings: Vec<String>,
}

/// The listener and the URLs that it is known by.
#[derive(Debug, Clone)]
pub struct Server {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The configured public URL, without a slash at its end; see [`Server::public_url_at`].
    pub public_url: Option<String>,
    /// The directory of the SQLite file and the generated secret.
    pub data_dir: PathBuf,
    /// Threads that serve HTTP.
    pub workers: usize,
    /// The proxies whose forwarding headers are trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// The origins whose pages may call from a browser.
    pub cors_origins: Vec<String>,
    /// Whether the interface is described to clients.
    pub docs: bool,
    /// For how many seconds the server reports itself unready before it stops.
    pub drain_seconds: u64,
    /// How many seconds stopping may take.
    pub shutdown_seconds: u64,
}

impl Server {
    /// The base of links: the configured URL, or that of the address that was bound.
    pub fn public_url_at(&self, bound: SocketAddr) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{bound}"))
    }

    /// Whether only this machine can reach the listener.
    pub fn is_on_loopback(&self) -> bool {
        parse::is_loopback(self.listen)
    }
}

/// The store.
#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    /// Which one.
    pub store: Database,
    /// How to use PostgreSQL.
    pub postgres: PostgresOptions,
    /// How to use SQLite.
    pub sqlite: SqliteOptions,
    /// Whether `serve` migrates first.
    pub migrate: bool,
}

/// Secret, passwords, limits.
#[derive(Debug, Clone)]
pub struct Security {
    /// The configured secret of at least 32 bytes; see [`data_dir::secret`].
    pub secret: Option<SecretString>,
    /// How passwords are hashed.
    pub hashing: BcryptOptions,
    /// The fewest characters of a new password.
    pub password_min: usize,
    /// Whether requests and guesses are limited.
    pub limits: bool,
}

/// The first root.
#[derive(Debug, Clone)]
pub struct Root {
    pub email: EmailAddress,
    /// Its user name.
    pub username: Option<Username>,
    /// Its password, of a valid length.
    pub password: SecretString,
}

/// Mail.
#[derive(Debug, Clone)]
pub struct Email {
    /// The sender, `ADDRESS` or `Name <ADDRESS>`.
    pub from: String,
    /// The mail server; without one, mail goes to the local mailbox.
    pub smtp: Option<SmtpOptions>,
    /// The folder of templates that replace the built-in ones.
    pub templates: Option<PathBuf>,
}

/// Log lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Filter directives.
    pub filter: String,
    /// The format; if none, text on a terminal and JSON elsewhere.
    pub format: Option<LogFormat>,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one object a line.
    Json,
}

/// A valid configuration, and the settings it was made from.
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// Each value with its origin.
    pub settings: Settings,
}

/// Reads and checks everything; all that is wrong is reported at once.
pub fn load(sources: &Sources) -> Result<Loaded, ConfigError> {
    let mut settings = Settings::read(sources);
    let config = resolve::resolve(&mut settings);
    resolve::check_mail_files(&mut settings, &config.email);
    loaded(config, settings)
}

/// Reads and checks the settings as [`load`] does, but ignores the files of mail: commands that send no mail must not fail
/// because one of them is missing.
pub fn load_without_mail_files(sources: &Sources) -> Result<Loaded, ConfigError> {
    let mut settings = Settings::read(sources);
    let mut config = resolve::resolve(&mut settings);
    config.email.templates = None;
    config.email.smtp.iter_mut().for_each(|smtp| smtp.ca_file = None);
    loaded(config, settings)
}

fn loaded(config: Config, mut settings: Settings) -> Result<Loaded, ConfigError> {
    if settings.problems.is_empty() {
        Ok(Loaded { config, settings })
    } else {
        Err(ConfigError { problems: std::mem::take(&mut settings.problems) })
    }
}
