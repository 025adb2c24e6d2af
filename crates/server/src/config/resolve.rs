//! From settings to a configuration: types, and the rules that involve several keys.
//!
//! Every function always returns a value, so that one run finds all problems; a configuration with problems never leaves
//! [`super::load`].

use std::{
    mem,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    thread,
};

use vestibule_application::MailDelivery;
use vestibule_bcrypt::BcryptOptions;
use vestibule_domain::{EmailAddress, PasswordRules, password::PasswordError};
use vestibule_smtp::SmtpOptions;

use super::{
    Config, Database, DatabaseSettings, Email, Kept, Log, LogFormat, Root, Security, Server, Settings, blobs, dangers,
    data_dir, database, dialects, ehlo,
    key::Key,
    keys, modes, numbers, parse,
    places::places,
    providers::providers,
    value::{Refusal, Value},
};

/// The fewest bytes of the server secret.
pub(super) const MIN_SECRET_BYTES: usize = 32;

/// The sender in the local mailbox.
const LOCAL_SENDER: &str = "Vestibule <vestibule@localhost>";

pub(super) fn resolve(settings: &mut Settings) -> Config {
    let mut warnings = mem::take(&mut settings.warnings);
    let server = server(settings, &mut warnings);
    let database = database_settings(settings, &server);
    warnings.extend(database.store.warnings());
    let blobs = blobs::place(settings, &database.store, &mut warnings);
    let requests = numbers::requests(settings);
    let security = security(settings, &server, &database.store);
    if security.secret.is_none() && database.store.file().is_some() {
        warnings.extend(modes::warning_of_secret(&data_dir::secret_path(&server.data_dir)));
    }
    warnings.extend(modes::warnings_of_directories(&server.data_dir, &database.store, &blobs));
    let root = root(settings, security.password_min);
    let email = email(settings, &server, &mut warnings);
    let metrics_listen = metrics_listen(settings, &server);
    warnings.extend(dangers::warnings(&server, &database.store, &security, (root.is_some(), metrics_listen)));
    let log = Log {
        filter: settings.parse(&keys::LOG_FILTER, parse::log_filter).unwrap_or_default(),
        format: settings.text(&keys::LOG_FORMAT).map(|word| match word.as_str() {
            "json" => LogFormat::Json,
            _ => LogFormat::Text,
        }),
    };
    let mail = match &email.smtp {
        Some(_) => MailDelivery::Outbox,
        None => MailDelivery::LocalMailbox { from: email.from.clone() },
    };
    let policy = numbers::policy(settings, &security, mail);
    let dialects = dialects::mounts(settings, &mut warnings);
    let providers = providers(settings);
    let places = places(settings, &mut warnings);
    Config {
        server,
        database,
        blobs,
        requests,
        security,
        policy,
        root,
        email,
        metrics_listen,
        log,
        dialects,
        providers,
        places,
        warnings,
    }
}

fn server(settings: &mut Settings, warnings: &mut Vec<String>) -> Server {
    let listen = settings.parse(&keys::LISTEN, parse::address).unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 3000)));
    let public_url = settings.parse(&keys::PUBLIC_URL, parse::public_url);
    if public_url.is_none() && listen.ip().is_unspecified() {
        warnings.push(format!(
            "links in mail will begin with http://{listen}, which nobody can open: set VESTIBULE_PUBLIC_URL"
        ));
    }
    let trusted_proxies = settings.parse_list(&keys::TRUSTED_PROXIES, parse::network);
    if let Some(all) = trusted_proxies.iter().find(|network| network.prefix_len() == 0) {
        warnings.push(format!(
            "VESTIBULE_TRUSTED_PROXIES trusts every address ({all}): each client can claim another address, and so evade every \
             limit per source; name the networks of the proxies alone"
        ));
    }
    settings.derive(&keys::PUBLIC_URL, Value::Text(format!("http://{listen}")));
    Server {
        listen,
        public_url,
        data_dir: PathBuf::from(settings.text(&keys::DATA_DIR).unwrap_or_default()),
        workers: threads(settings, &keys::WORKERS),
        trusted_proxies,
        cors_origins: settings.parse_list(&keys::CORS_ORIGINS, parse::origin),
        docs: settings.is_on(&keys::DOCS),
        drain_seconds: numbers::number(settings, &keys::DRAIN).into(),
        shutdown_seconds: numbers::number(settings, &keys::SHUTDOWN).into(),
    }
}

/// A number of threads; by default one per core.
fn threads(settings: &mut Settings, key: &Key) -> usize {
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    settings.derive(key, Value::Number(u32::try_from(cores).unwrap_or(1)));
    settings.number(key).and_then(|number| usize::try_from(number).ok()).unwrap_or(cores)
}

fn database_settings(settings: &mut Settings, server: &Server) -> DatabaseSettings {
    let file = server.data_dir.join("vestibule.db");
    if !settings.is_given(&keys::DATABASE_URL) {
        settings.derive(&keys::DATABASE_URL, Value::Text(format!("sqlite://{}", file.display())));
    }
    DatabaseSettings {
        store: settings.parse(&keys::DATABASE_URL, database::parse).unwrap_or(Database::Sqlite(file)),
        postgres: numbers::postgres(settings),
        sqlite: numbers::sqlite(settings),
        migrate: settings.is_on(&keys::MIGRATE),
    }
}

fn security(settings: &mut Settings, server: &Server, store: &Database) -> Security {
    let secret = settings.parse(&keys::SECRET, |text| {
        if text.len() < MIN_SECRET_BYTES {
            return Err(Refusal::new(
                format!("the secret has {} bytes, fewer than {MIN_SECRET_BYTES}", text.len()),
                "make one with `openssl rand -hex 32`",
            ));
        }
        Ok(text.into())
    });
    if store.kept() == Kept::Shared && !settings.is_given(&keys::SECRET) {
        settings.refuse(
            &keys::SECRET,
            "there is no secret, and all nodes on one PostgreSQL must share one",
            "make one with `openssl rand -hex 32` and give it to every node as VESTIBULE_SECRET or VESTIBULE_SECRET_FILE",
        );
    }
    let limits = settings.is_on(&keys::LIMITS);
    if !limits && !server.is_on_loopback() {
        let what = format!("limits are off while the listener, {}, can be reached from outside", server.listen);
        settings.refuse(&keys::LIMITS, what, "leave them on, or listen on 127.0.0.1");
    }
    Security {
        secret,
        hashing: BcryptOptions {
            cost: numbers::number(settings, &keys::BCRYPT_COST),
            threads: threads(settings, &keys::HASH_THREADS),
            queue: numbers::size(settings, &keys::HASH_QUEUE),
            max_wait: numbers::seconds(settings, &keys::HASH_WAIT),
        },
        password_min: numbers::size(settings, &keys::PASSWORD_MIN),
        limits,
    }
}

fn root(settings: &mut Settings, password_min: usize) -> Option<Root> {
    let pair = [
        (&keys::ROOT_EMAIL, "set VESTIBULE_ROOT_PASSWORD too, or neither"),
        (&keys::ROOT_PASSWORD, "set VESTIBULE_ROOT_EMAIL too, or neither"),
    ];
    let complete = pair.iter().all(|(key, _)| settings.is_given(key));
    for (key, remedy) in pair.into_iter().chain([(&keys::ROOT_USERNAME, "set e-mail and password of the root too")]) {
        if settings.is_given(key) && !complete {
            settings.refuse(key, "a root account needs both an e-mail and a password", remedy);
        }
    }
    let email = settings.parse(&keys::ROOT_EMAIL, parse::email);
    let username = settings.parse(&keys::ROOT_USERNAME, parse::username);
    let password = settings.parse(&keys::ROOT_PASSWORD, |text| {
        let rules = PasswordRules::at_least(password_min).refusing_common();
        rules.check(text).map(|_| text.into()).map_err(|error| {
            let remedy = match error {
                PasswordError::TooShort => format!("give at least {password_min} characters"),
                PasswordError::TooLong | PasswordError::Nul => "give at most 72 bytes, without NUL".to_owned(),
                PasswordError::Common => {
                    "choose one that nobody guesses, such as the output of `openssl rand -base64 18`".to_owned()
                }
            };
            Refusal::new(error.to_string(), remedy)
        })
    });
    Some(Root { email: email?, username, password: password? })
}

fn email(settings: &mut Settings, server: &Server, warnings: &mut Vec<String>) -> Email {
    let host = settings.parse(&keys::EMAIL_HOST, parse::mail_host);
    let templates = settings.text(&keys::EMAIL_TEMPLATES).map(PathBuf::from);
    let credentials = credentials(settings);
    if let Some(host) = host {
        let (user, password) = credentials.unzip();
        let from = smtp_sender(settings, user.as_deref());
        let port = settings.number(&keys::EMAIL_PORT).and_then(|port| u16::try_from(port).ok()).unwrap_or_default();
        let ca_file = settings.text(&keys::EMAIL_CA_FILE).map(PathBuf::from);
        let timeouts = numbers::smtp_timeouts(settings);
        let ehlo_name = ehlo::name(settings, server, &from);
        let from_there = from.clone();
        let smtp =
            SmtpOptions { host, port, user, password, from: from_there, ca_file, ehlo_name, tls: None, timeouts };
        return Email { from, smtp: Some(smtp), templates };
    }
    if !settings.is_given(&keys::EMAIL_HOST) {
        if !server.is_on_loopback() {
            let what = format!(
                "there is no mail server, and the local mailbox must not be shown on {}, which others can reach",
                server.listen
            );
            settings.refuse(&keys::EMAIL_HOST, what, "set EMAIL_HOST and EMAIL_FROM, or listen on 127.0.0.1");
        }
        if server.public_url.is_some() {
            warnings.push(
                "there is no mail server, so nobody gets mail, and a proxy in front of this server may show /dev/mailbox, with \
                 every code in it, to its clients: set EMAIL_HOST and EMAIL_FROM before others use it"
                    .to_owned(),
            );
        }
        let idle = [&keys::EMAIL_USER, &keys::EMAIL_PASS, &keys::EMAIL_CA_FILE, &keys::EMAIL_EHLO_NAME];
        for key in idle.into_iter().filter(|key| settings.is_given(key)) {
            warnings.push(format!("{} has no effect without EMAIL_HOST", settings.origin(key).place(key.name)));
        }
    }
    settings.derive(&keys::EMAIL_FROM, Value::Text(LOCAL_SENDER.to_owned()));
    let local = |text: &str| if text == LOCAL_SENDER { Ok(text.to_owned()) } else { parse::sender(text) };
    Email { from: settings.parse(&keys::EMAIL_FROM, local).unwrap_or_default(), smtp: None, templates }
}

/// Opens the files that mail needs; an error is a problem of the setting that names the file.
pub(super) fn check_mail_files(settings: &mut Settings, email: &Email) {
    settings.parse(&keys::EMAIL_TEMPLATES, parse::templates);
    // Without a mail server this file is not read.
    if email.smtp.is_some() {
        settings.parse(&keys::EMAIL_CA_FILE, parse::certificates);
    }
}

fn credentials(settings: &mut Settings) -> Option<(String, secrecy::SecretString)> {
    let both = settings.is_given(&keys::EMAIL_USER) && settings.is_given(&keys::EMAIL_PASS);
    for (key, other) in [(&keys::EMAIL_USER, "EMAIL_PASS"), (&keys::EMAIL_PASS, "EMAIL_USER")] {
        if settings.is_given(key) && !both {
            settings.refuse(
                key,
                "user name and password of the mail server belong together",
                format!("set {other} too"),
            );
        }
    }
    Some((settings.text(&keys::EMAIL_USER)?, settings.text(&keys::EMAIL_PASS)?.into()))
}

fn smtp_sender(settings: &mut Settings, user: Option<&str>) -> String {
    if !settings.is_given(&keys::EMAIL_FROM) {
        match user.filter(|user| EmailAddress::parse(user).is_ok()) {
            Some(user) => settings.derive(&keys::EMAIL_FROM, Value::Text(user.to_owned())),
            None => settings.refuse(
                &keys::EMAIL_FROM,
                "there is a mail server but no sender",
                "set EMAIL_FROM, as in `Vestibule <no-reply@example.org>`",
            ),
        }
    }
    settings.parse(&keys::EMAIL_FROM, parse::sender).unwrap_or_default()
}

fn metrics_listen(settings: &mut Settings, server: &Server) -> Option<SocketAddr> {
    let listen = settings.parse(&keys::METRICS_LISTEN, parse::address_or_off).flatten();
    if listen == Some(server.listen) && server.listen.port() != 0 {
        settings.refuse(
            &keys::METRICS_LISTEN,
            "the same address and port as the server's own",
            "give it another port, or `off`",
        );
    }
    listen
}
