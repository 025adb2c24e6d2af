//! The lines, or the JSON object, that tell the operator at start where everything is.

use std::{
    fmt,
    io::{self, IsTerminal},
    net::SocketAddr,
    thread,
};

use serde::Serialize;

use super::store::Preparation;
use crate::{
    config::{Config, Kept, data_dir},
    telemetry,
    terminal::output,
};

/// The bound addresses.
pub(super) struct Addresses {
    /// Of the server.
    pub(super) http: SocketAddr,
    /// Of the metrics, if they are served.
    pub(super) metrics: Option<SocketAddr>,
}

/// The facts for the operator.
#[derive(Debug, Serialize)]
struct Facts {
    version: &'static str,
    url: String,
    /// The bound address, whatever the public name is.
    listen: SocketAddr,
    /// The kind of store, in a word.
    #[serde(skip)]
    store: &'static str,
    data: String,
    mail: String,
    docs: String,
    metrics: String,
    root: String,
    /// The command that creates the first root, if there is none and a command can.
    #[serde(skip_serializing_if = "Option::is_none")]
    make_root: Option<String>,
}

/// Logs and prints the facts: as lines, or as one JSON object, as requested and like log lines.
pub(super) fn greet(config: &Config, bound: &Addresses, preparation: &Preparation, json: bool) {
    let facts = facts(config, bound, preparation);
    facts.log();
    print(&facts, json || (telemetry::is_json(config.log.format) && !io::stdout().is_terminal()));
}

/// Gathers the facts.
fn facts(config: &Config, bound: &Addresses, preparation: &Preparation) -> Facts {
    let url = config.server.public_url_at(bound.http);
    let mail = match &config.email.smtp {
        Some(smtp) => format!("by {}:{}", smtp.host, smtp.port),
        // Shown under a local name only, whatever the public name is.
        None => format!("kept here, see http://{}/dev/mailbox", bound.http),
    };
    let metrics = bound.metrics.map_or_else(|| "off".to_owned(), |address| format!("http://{address}/metrics"));
    let docs = if config.server.docs { format!("{url}/docs") } else { "off".to_owned() };
    let (root, make_root) = root(config, preparation);
    let version = env!("CARGO_PKG_VERSION");
    Facts {
        version,
        listen: bound.http,
        store: config.database.store.name(),
        data: data(config),
        url,
        mail,
        docs,
        metrics,
        root,
        make_root,
    }
}

impl Facts {
    /// The log line that marks the start of serving.
    fn log(&self) {
        let Self { version, url, listen, store, metrics, .. } = self;
        tracing::info!(version, %listen, url, store, metrics, "started");
    }
}

/// Prints the facts, as lines or as one JSON object, on its own thread: a stalled reader of standard output must not keep
/// the server from serving.
fn print(facts: &Facts, json: bool) {
    let text = if json { serde_json::json!(facts).to_string() } else { facts.to_string() };
    let printing = thread::Builder::new().name("greeting".to_owned()).spawn(move || output(&text));
    if let Err(error) = printing {
        tracing::warn!(%error, "the greeting cannot be printed");
    }
}

impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { version, url, listen, data, mail, docs, metrics, root, make_root, .. } = self;
        writeln!(f, "Vestibule {version} is up on {url}")?;
        if *url != format!("http://{listen}") {
            writeln!(f, "  listen   {listen}")?;
        }
        for (name, fact) in [("data", data), ("mail", mail), ("docs", docs), ("metrics", metrics)] {
            writeln!(f, "  {name:<7}  {fact}")?;
        }
        write!(f, "  root     {root}")?;
        match make_root {
            Some(command) => write!(f, "; to make the first, type its password after\n           {command}"),
            None => Ok(()),
        }
    }
}

fn data(config: &Config) -> String {
    let secret = match config.security.secret {
        Some(_) => "the secret is the configured one".to_owned(),
        None => format!("the secret is in {}", data_dir::secret_path(&config.server.data_dir).display()),
    };
    let store = &config.database.store;
    match store.kept() {
        Kept::InMemory => store.to_string(),
        Kept::InFile(_) | Kept::Shared => format!("{store}; {secret}"),
    }
}

/// Whether there is a root, in words, and the command that creates the first.
fn root(config: &Config, preparation: &Preparation) -> (String, Option<String>) {
    let words = match (preparation, config.database.store.kept()) {
        (Preparation::Waiting, _) => "not known yet: the store is not ready",
        (Preparation::Ready { has_root: true }, _) => "there is one",
        (Preparation::Ready { has_root: false }, Kept::InMemory) => {
            "none; start with VESTIBULE_ROOT_EMAIL and VESTIBULE_ROOT_PASSWORD to make the first"
        }
        (Preparation::Ready { has_root: false }, Kept::InFile(_) | Kept::Shared) => {
            let program = std::env::args().next().unwrap_or_else(|| "vestibule".to_owned());
            let command = format!("{program} user create --email you@example.org --role root --password-stdin");
            return ("none".to_owned(), Some(command));
        }
    };
    (words.to_owned(), None)
}

#[cfg(test)]
mod tests {
    use super::Facts;

    fn facts() -> Facts {
        let text = str::to_owned;
        Facts {
            version: "0.1.0",
            url: text("http://127.0.0.1:3000"),
            listen: ([127, 0, 0, 1], 3000).into(),
            store: "sqlite",
            data: text("SQLite, ./vestibule-data/vestibule.db; the secret is in ./vestibule-data/secret"),
            mail: text("kept here, see http://127.0.0.1:3000/dev/mailbox"),
            docs: text("http://127.0.0.1:3000/docs"),
            metrics: text("http://127.0.0.1:9464/metrics"),
            root: text("none"),
            make_root: Some(text(
                "target/release/vestibule user create --email you@example.org --role root --password-stdin",
            )),
        }
    }

    #[test]
    fn the_lines_are_those_of_the_readme() {
        let readme = include_str!("../../../../README.md");
        let text = facts().to_string();
        assert!(readme.contains(&format!("```text\n{text}\n```")), "{text}");
    }

    #[test]
    fn no_fact_breaks_its_line_in_json() {
        let json = serde_json::to_value(facts()).unwrap();
        let broken = json.as_object().unwrap().values().filter(|fact| fact.as_str().unwrap().contains('\n'));
        assert_eq!(broken.count(), 0, "{json}");
    }
}
