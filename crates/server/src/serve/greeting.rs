//! The few lines that tell whoever started the server what is where.

use std::net::SocketAddr;

use super::store::Preparation;
use crate::{
    commands::output,
    config::{Config, Database, data_dir},
};

/// Where the listeners really are.
pub(super) struct Addresses {
    /// Of the server.
    pub(super) http: SocketAddr,
    /// Of the metrics, if they are served.
    pub(super) metrics: Option<SocketAddr>,
}

/// What whoever starts the server wants to know, each fact with its name; the URL comes first.
pub(super) fn facts(config: &Config, bound: &Addresses, preparation: &Preparation) -> Vec<(&'static str, String)> {
    let url = config.server.public_url_at(bound.http);
    let mail = match &config.email.smtp {
        Some(smtp) => format!("by {}:{}", smtp.host, smtp.port),
        // Shown under a local name only, whatever the public one is.
        None => format!("kept here, see http://{}/dev/mailbox", bound.http),
    };
    let metrics = match (bound.metrics, config.metrics_listen) {
        (Some(address), _) => format!("http://{address}/metrics"),
        (None, Some(address)) => format!("not served: {address} is not to be had, set VESTIBULE_METRICS_LISTEN"),
        (None, None) => "off".to_owned(),
    };
    let docs = format!("{url}/docs");
    let (data, root) = (data(config), root(config, preparation));
    vec![("url", url), ("data", data), ("mail", mail), ("docs", docs), ("metrics", metrics), ("root", root)]
}

/// Prints the facts.
pub(super) fn print(facts: &[(&'static str, String)], json: bool) {
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    if json {
        let facts = facts.iter().map(|(name, fact)| ((*name).to_owned(), fact.as_str().into()));
        let object: serde_json::Map<_, _> = [("version".to_owned(), VERSION.into())].into_iter().chain(facts).collect();
        output(&serde_json::Value::Object(object).to_string());
        return;
    }
    for (name, fact) in facts {
        match *name {
            "url" => output(&format!("Vestibule {VERSION} is up on {fact}")),
            name => output(&format!("  {name:<7}  {}", fact.replace('\n', "\n           "))),
        };
    }
}

fn data(config: &Config) -> String {
    let secret = match config.security.secret {
        Some(_) => "the secret is the configured one".to_owned(),
        None => format!("the secret is in {}", data_dir::secret_path(&config.server.data_dir).display()),
    };
    match &config.database.store {
        Database::Memory => "in memory: gone when the server stops".to_owned(),
        Database::Sqlite(path) => format!("SQLite, {}; {secret}", path.display()),
        Database::Postgres(_) => format!("PostgreSQL; {secret}"),
    }
}

fn root(config: &Config, preparation: &Preparation) -> String {
    match (preparation, &config.database.store) {
        (Preparation::Waiting, _) => "not known yet: the store is not ready".to_owned(),
        (Preparation::Ready { has_root: true }, _) => "there is one".to_owned(),
        (Preparation::Ready { has_root: false }, Database::Memory) => {
            "none; start with VESTIBULE_ROOT_EMAIL and VESTIBULE_ROOT_PASSWORD to make the first".to_owned()
        }
        (Preparation::Ready { has_root: false }, _) => {
            let program = std::env::args().next().unwrap_or_else(|| "vestibule".to_owned());
            format!(
                "none; to make the first, type its password after\n{program} user create --email you@example.org --role root --password-stdin"
            )
        }
    }
}
