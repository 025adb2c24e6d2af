//! Which store to use.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};
use vestibule_application::MigrationStatus;

use super::value::Refusal;

/// A store, as `DATABASE_URL` names it.
#[derive(Debug, Clone)]
pub enum Database {
    /// In memory, until the process ends.
    Memory,
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL database, by its URL, which may hold a password.
    Postgres(SecretString),
}

/// Where a store keeps data that outlive the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept<'a> {
    /// Nowhere: the data end with the server, and no other process can reach them.
    InMemory,
    /// In a file of this machine, with the secret in the data directory unless one is configured. The file is created at
    /// the first start; later, a missing file is an error.
    InFile(&'a Path),
    /// On a server that several nodes share, together with one secret, which must be configured.
    Shared,
}

/// Everything outside of the adapters that depends on the store, so that a new store is one arm in each.
impl Database {
    /// Where it keeps its data.
    pub fn kept(&self) -> Kept<'_> {
        match self {
            Self::Memory => Kept::InMemory,
            Self::Sqlite(file) => Kept::InFile(file),
            Self::Postgres(_) => Kept::Shared,
        }
    }

    /// Its word in logs and metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }

    /// The schema steps of a file that does not exist yet; other stores are asked.
    pub fn steps(&self) -> Vec<MigrationStatus> {
        match self {
            Self::Memory | Self::Postgres(_) => Vec::new(),
            Self::Sqlite(_) => vestibule_sqlite::migration_steps(),
        }
    }

    /// A warning about an accepted URL.
    pub(super) fn warnings(&self) -> Vec<String> {
        match self {
            Self::Postgres(url) => vestibule_postgres::check_url(url.expose_secret()).unwrap_or_default(),
            Self::Memory | Self::Sqlite(_) => Vec::new(),
        }
    }

    /// The file, if the store is one.
    pub fn file(&self) -> Option<&Path> {
        match self.kept() {
            Kept::InFile(file) => Some(file),
            Kept::InMemory | Kept::Shared => None,
        }
    }

    /// Whether its data end with the server.
    pub fn is_in_memory(&self) -> bool {
        self.kept() == Kept::InMemory
    }
}

/// For the greeting; without the URL, which may hold a password.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("in memory: gone when the server stops"),
            Self::Sqlite(file) => write!(f, "SQLite, {}", file.display()),
            Self::Postgres(_) => f.write_str("PostgreSQL"),
        }
    }
}

const FORMS: &str = "write `sqlite://PATH`, `postgres://USER:PASSWORD@HOST/NAME`, `host=HOST dbname=NAME` or `memory:`";

/// Reads a database URL. Refusals never quote it: it may hold a password.
pub(super) fn parse(text: &str) -> Result<Database, Refusal> {
    let text = text.trim();
    if let Some(url) = vestibule_postgres::url_of_keywords(text) {
        return postgres(url);
    }
    match text.split_once(':') {
        Some(("memory", "")) => Ok(Database::Memory),
        Some(("sqlite", rest)) => sqlite(rest.strip_prefix("//").unwrap_or(rest)),
        Some(("postgres" | "postgresql", rest)) => {
            if rest.strip_prefix("//").is_none_or(str::is_empty) {
                return Err(Refusal::new("a PostgreSQL URL without a host", FORMS));
            }
            postgres(text.to_owned())
        }
        Some((scheme, _)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            Err(Refusal::new(format!("there is no store for `{scheme}:`"), FORMS))
        }
        _ => Err(Refusal::new("not a database URL", FORMS)),
    }
}

fn postgres(url: String) -> Result<Database, Refusal> {
    vestibule_postgres::check_url(&url)
        .map_err(|error| Refusal::new(error.to_string(), error.remedy().unwrap_or(FORMS)))?;
    Ok(Database::Postgres(url.into()))
}

fn sqlite(path: &str) -> Result<Database, Refusal> {
    if path.contains('?') {
        return Err(Refusal::new("query parameters are not taken with SQLite", "leave out the `?` and what follows"));
    }
    if path == ":memory:" {
        return Err(Refusal::new("SQLite in memory is not supported", "write `memory:`"));
    }
    if path.is_empty() || path.ends_with('/') || path.chars().any(char::is_control) {
        return Err(Refusal::new(
            "the path of the SQLite file is missing",
            "write `sqlite://PATH`, with three slashes for an absolute path",
        ));
    }
    Ok(Database::Sqlite(PathBuf::from(path)))
}

/// A database URL without its password, to be shown.
pub(super) fn redact(url: &str) -> String {
    let Some((scheme, rest)) = url.trim().split_once("://") else {
        return if url.trim() == "memory:" || url.trim().starts_with("sqlite:") { url.to_owned() } else { hidden() };
    };
    if scheme == "sqlite" {
        return url.to_owned();
    }
    let (rest, query) = rest.split_once('?').map_or((rest, ""), |(rest, _)| (rest, "?…"));
    let rest = match rest.rsplit_once('@') {
        Some((user, host)) => match user.split_once(':') {
            Some((user, _)) => format!("{user}:…@{host}"),
            None => format!("{user}@{host}"),
        },
        None => rest.to_owned(),
    };
    format!("{scheme}://{rest}{query}")
}

/// Stands for a secret.
pub(super) fn hidden() -> String {
    "(set, not shown)".to_owned()
}
