//! The table of all settings: it drives parsing, `config print`, `config example` and docs/configuration.md.

use super::key::{Key, Kind};

/// Names each key and lists them all, in the order of the documents.
macro_rules! table {
    ($($id:ident = $key:expr;)*) => {
        $(#[doc = concat!("See the table; `", stringify!($id), "`.")] pub const $id: Key = $key;)*
        /// Every key, in the order of the documents.
        pub const ALL: &[Key] = &[$($id),*];
    };
}

/// A whole number within bounds.
const fn number(floor: u32, ceiling: u32) -> Kind {
    Kind::Number { floor, ceiling }
}

/// What each section is about.
pub const SECTIONS: &[(&str, &str)] = &[
    ("server", "The listener and what it says about itself."),
    ("database", "Where everything is kept."),
    ("requests", "How long and how large a request may be."),
    ("security", "The secret, passwords and limits."),
    (
        "guesses",
        "Password guesses on one account within 24 hours. Each source that signed in to it before has a count of its own, \
         all others share one.",
    ),
    ("limits", "How often something may be done. Those per source and per account are counted by each node."),
    ("codes", "Mailed codes and links."),
    ("refresh", "Refresh tokens, where a dialect has them."),
    ("accounts", "Sign-ups that wait to be proven."),
    ("events", "Security events: `vestibule events list` shows them."),
    (
        "root",
        "The first root account, made at start when there is none. With `memory:` it is the only way to make one.",
    ),
    ("email", "The mail server. Without a host, mail goes to the local mailbox at `/dev/mailbox`."),
    ("metrics", "Prometheus metrics."),
    ("log", "Log lines, which go to standard error."),
    ("providers", "Sign-in providers. One without its ids is off: its routes answer 404."),
    ("dialects.contacts", "The dialect `contacts`."),
    ("dialects.mern", "The dialect `mern`."),
    ("dialects.ego", "The dialect `ego`."),
];

table! {
    LISTEN = Key::new("server.listen", &["VESTIBULE_LISTEN"], Kind::Text,
        "Address and port to listen on.").default("127.0.0.1:3000");
    PUBLIC_URL = Key::new("server.public_url", &["VESTIBULE_PUBLIC_URL"], Kind::Text,
        "The URL under which clients reach the server; links in mail begin with it.")
        .derived("`http://` and the address that is listened on").example("https://accounts.example.org");
    DATA_DIR = Key::new("server.data_dir", &["VESTIBULE_DATA_DIR"], Kind::Path,
        "Directory of the SQLite file and of the generated secret; made with mode 0700 when it is needed.")
        .default("./vestibule-data");
    TRUSTED_PROXIES = Key::new("server.trusted_proxies", &["VESTIBULE_TRUSTED_PROXIES"], Kind::List,
        "Networks or addresses of the reverse proxies whose forwarding headers are believed.")
        .default("").example("10.0.0.0/8, fd00::/8");
    CORS_ORIGINS = Key::new("server.cors_origins", &["VESTIBULE_CORS_ORIGINS"], Kind::List,
        "Origins whose pages may call the server from a browser, compared exactly; without any, CORS is off.")
        .default("").example("https://app.example.org");
    WORKERS = Key::new("server.workers", &["VESTIBULE_WORKERS"], number(1, 256),
        "Threads that serve HTTP.").derived("one for each core").example("4");
    SHUTDOWN = Key::new("server.shutdown_seconds", &["VESTIBULE_SHUTDOWN_SECONDS"], number(2, 300),
        "How long the end may take after SIGTERM: requests have eight tenths of it to finish, mail nine, closing the store and writing the log the rest.")
        .default("10");

    DATABASE_URL = Key::new("database.url", &["DATABASE_URL"], Kind::Text,
        "`sqlite://PATH` (three slashes begin an absolute path), `postgres://USER:PASSWORD@HOST/NAME`, or `memory:`, \
         which forgets everything at the end.")
        .derived("`sqlite://`, the data directory and `/vestibule.db`")
        .example("postgres://vestibule:password@127.0.0.1:5432/vestibule").secret();
    DATABASE_POOL = Key::new("database.pool", &["VESTIBULE_DATABASE_POOL"], number(2, 500),
        "The most connections to PostgreSQL.").default("16");
    POSTGRES_ACQUIRE = Key::new("database.acquire_seconds", &["VESTIBULE_DATABASE_ACQUIRE_SECONDS"], number(1, 30),
        "The longest wait for a connection to PostgreSQL; then the answer is 503.").default("2");
    POSTGRES_STATEMENT = Key::new("database.statement_seconds", &["VESTIBULE_DATABASE_STATEMENT_SECONDS"], number(1, 60),
        "The longest that one statement may run in PostgreSQL.").default("5");
    POSTGRES_LOCK = Key::new("database.lock_seconds", &["VESTIBULE_DATABASE_LOCK_SECONDS"], number(1, 30),
        "The longest that one statement may wait for a lock in PostgreSQL.").default("2");
    SQLITE_BUSY = Key::new("database.busy_seconds", &["VESTIBULE_DATABASE_BUSY_SECONDS"], number(1, 60),
        "The longest wait for a connection to SQLite, and again for the lock of another process.").default("5");
    SQLITE_READERS = Key::new("database.readers", &["VESTIBULE_DATABASE_READERS"], number(1, 64),
        "The most connections that read from SQLite at once.").default("8");
    MIGRATE = Key::new("database.migrate", &["VESTIBULE_MIGRATE"], Kind::Switch,
        "Whether `serve` brings the schema up to date before it listens; otherwise run `vestibule migrate`.")
        .default("on");

    REQUEST_HEAD = Key::new("requests.head_seconds", &["VESTIBULE_REQUEST_HEAD_SECONDS"], number(1, 60),
        "How long a client may take to send the head of a request.").default("5");
    REQUEST_BODY = Key::new("requests.body_seconds", &["VESTIBULE_REQUEST_BODY_SECONDS"], number(1, 300),
        "How long a client may take to send the body of a request.").default("30");
    REQUEST_HANDLER = Key::new("requests.handler_seconds", &["VESTIBULE_REQUEST_HANDLER_SECONDS"], number(1, 120),
        "How long a request may be worked on, its body aside; then the answer is 503.").default("10");
    REQUEST_KIB = Key::new("requests.body_kib", &["VESTIBULE_REQUEST_BODY_KIB"], number(16, 100),
        "The most KiB of a JSON body; the documents of contacts and mern promise 100, ego takes 64 at most.").default("100");
    REQUEST_DEPTH = Key::new("requests.body_depth", &["VESTIBULE_REQUEST_BODY_DEPTH"], number(4, 64),
        "How deep objects and arrays may lie in each other in a JSON body.").default("16");
    PAGE_ROWS = Key::new("requests.page_rows", &["VESTIBULE_PAGE_ROWS"], number(30, 1_000),
        "The most accounts in one list; `check-registered` of contacts answers up to 500 regardless.").default("1000");

    SECRET = Key::new("security.secret", &["VESTIBULE_SECRET", "KEY"], Kind::Text,
        "The server secret, at least 32 bytes; every key is derived from it, so whoever has it can sign tokens. \
         All nodes on one PostgreSQL share it, so there it must be given.")
        .derived("read from `secret` in the data directory, where it is generated at the first start")
        .example("the output of `openssl rand -hex 32`").secret();
    BCRYPT_COST = Key::new("security.bcrypt_cost", &["VESTIBULE_BCRYPT_COST"], number(10, 14),
        "Cost of new password hashes; one more doubles the time of a sign-in.").default("12");
    HASH_THREADS = Key::new("security.hash_threads", &["VESTIBULE_HASH_THREADS"],
        number(1, 256),
        "How many passwords are hashed at once.").derived("one for each core").example("4");
    HASH_QUEUE = Key::new("security.hash_queue", &["VESTIBULE_HASH_QUEUE"], number(1, 1_024),
        "How many passwords may wait for their turn to be hashed; for the next one the answer is 503.").default("64");
    HASH_WAIT = Key::new("security.hash_wait_seconds", &["VESTIBULE_HASH_WAIT_SECONDS"], number(1, 30),
        "How long a password may wait for its turn to be hashed; then the answer is 503.").default("5");
    PASSWORD_MIN = Key::new("security.password_min", &["VESTIBULE_PASSWORD_MIN"], number(8, 64),
        "The fewest characters of a new password; the most is 72 bytes.").default("8");
    LIMITS = Key::new("security.limits", &["VESTIBULE_LIMITS"], Kind::Switch,
        "Whether requests are counted per source and mailbox, and guesses per account delayed. \
         `off` is for tests and refused unless the listener is on loopback.").default("on");

    GUESSES_FREE = Key::new("guesses.free", &["VESTIBULE_GUESSES_FREE"], number(1, 9),
        "How many guesses need no wait.").default("4");
    GUESSES_FIRST_WAIT = Key::new("guesses.first_wait_seconds", &["VESTIBULE_GUESSES_FIRST_WAIT_SECONDS"],
        number(1, 600), "The wait after the next guess.").default("3");
    GUESSES_SECOND_WAIT = Key::new("guesses.second_wait_seconds", &["VESTIBULE_GUESSES_SECOND_WAIT_SECONDS"],
        number(1, 1_800), "The wait after the one that follows.").default("10");
    GUESSES_LATER_WAIT = Key::new("guesses.later_wait_seconds", &["VESTIBULE_GUESSES_LATER_WAIT_SECONDS"],
        number(10, 3_600), "The wait after each later one.").default("60");
    GUESSES_CLOSE = Key::new("guesses.close_after", &["VESTIBULE_GUESSES_CLOSE_AFTER"], number(10, 1_000),
        "After how many guesses the account is closed to whoever shares the count, until the 24 hours are over or the \
         password is reset.").default("100");

    SIGN_INS = Key::new("limits.sign_ins_per_minute", &["VESTIBULE_LIMIT_SIGN_INS_PER_MINUTE"], number(1, 600),
        "Sign-ins from one source (an IPv4 address or IPv6 /64).").default("10");
    REGISTRATIONS = Key::new("limits.registrations_per_hour", &["VESTIBULE_LIMIT_REGISTRATIONS_PER_HOUR"],
        number(1, 10_000), "Registrations from one source.").default("20");
    MAILS = Key::new("limits.mails_per_hour", &["VESTIBULE_LIMIT_MAILS_PER_HOUR"], number(1, 1_000),
        "Requests from one source that may send a mail.").default("5");
    MAILBOX_INTERVAL = Key::new("limits.mailbox_interval_seconds", &["VESTIBULE_LIMIT_MAILBOX_INTERVAL_SECONDS"],
        number(10, 3_600), "The time between two mails to one mailbox for one purpose.").default("60");
    MAILBOX_HOURLY = Key::new("limits.mailbox_per_hour", &["VESTIBULE_LIMIT_MAILBOX_PER_HOUR"], number(1, 100),
        "Mails to one mailbox.").default("5");
    MAILBOX_DAILY = Key::new("limits.mailbox_per_day", &["VESTIBULE_LIMIT_MAILBOX_PER_DAY"], number(1, 1_000),
        "Mails to one mailbox.").default("10");
    RESETS = Key::new("limits.resets_per_minute", &["VESTIBULE_LIMIT_RESETS_PER_MINUTE"], number(1, 600),
        "New passwords for one account that come with a good reset token, such as one whose password is refused.").default("30");
    LOOK_UPS = Key::new("limits.look_ups_per_hour", &["VESTIBULE_LIMIT_LOOK_UPS_PER_HOUR"], number(1, 10_000),
        "Look-ups of contacts by one account.").default("30");
    IDENTIFIERS = Key::new("limits.identifiers_per_hour", &["VESTIBULE_LIMIT_IDENTIFIERS_PER_HOUR"],
        number(500, 1_000_000), "Contacts that one account may look up, of which one request may have 500.")
        .default("5000");

    CODE_LIFETIME = Key::new("codes.lifetime_seconds", &["VESTIBULE_CODE_LIFETIME_SECONDS"], number(60, 3_600),
        "How long a mailed code works; the mail tells whole minutes.").default("600");
    CODE_TRIES = Key::new("codes.tries", &["VESTIBULE_CODE_TRIES"], number(1, 10),
        "How many tries, right or wrong, use a code up.").default("5");
    CODE_ACCOUNT_TRIES = Key::new("codes.account_tries_per_day", &["VESTIBULE_CODE_ACCOUNT_TRIES_PER_DAY"],
        number(3, 100), "Wrong codes for one account in 24 hours, over all codes.").default("10");
    RESET_LINK = Key::new("codes.reset_link_seconds", &["VESTIBULE_RESET_LINK_SECONDS"], number(300, 86_400),
        "How long a mailed link works that sets a new password; the mail tells whole minutes.").default("3600");
    VERIFICATION_LINK = Key::new("codes.verification_link_seconds", &["VESTIBULE_VERIFICATION_LINK_SECONDS"],
        number(3_600, 604_800), "How long a mailed link works that proves a mailbox; the mail tells whole hours.").default("86400");

    REFRESH_IDLE = Key::new("refresh.idle_days", &["VESTIBULE_REFRESH_IDLE_DAYS"], number(1, 90),
        "How long a sign-in can be refreshed after its last use.").default("7");
    REFRESH_ABSOLUTE = Key::new("refresh.absolute_days", &["VESTIBULE_REFRESH_ABSOLUTE_DAYS"], number(1, 365),
        "How long a sign-in can be refreshed in all.").default("30");
    REFRESH_RETRY = Key::new("refresh.retry_seconds", &["VESTIBULE_REFRESH_RETRY_SECONDS"], number(1, 60),
        "For how long another use of a refresh token without a key is taken for a retry.").default("10");
    REFRESH_PER_ACCOUNT = Key::new("refresh.per_account", &["VESTIBULE_REFRESH_PER_ACCOUNT"], number(1, 1_000),
        "How many sign-ins of one account can be refreshed; the least recently used one makes room.").default("20");

    PENDING_KEPT = Key::new("accounts.pending_kept_days", &["VESTIBULE_PENDING_KEPT_DAYS"], number(1, 365),
        "How long a sign-up may wait for the first proof of its mailbox; then it is removed.").default("7");

    EVENTS_KEPT = Key::new("events.kept_days", &["VESTIBULE_EVENTS_KEPT_DAYS"], number(1, 3_650),
        "How long security events are kept.").default("90");

    ROOT_EMAIL = Key::new("root.email", &["VESTIBULE_ROOT_EMAIL", "SUPER_ADMIN_EMAIL"], Kind::Text,
        "E-mail address of the first root account.").example("root@example.org").or_file();
    ROOT_USERNAME = Key::new("root.username", &["VESTIBULE_ROOT_USERNAME"], Kind::Text,
        "User name of the first root account, which may do without.").example("root").or_file();
    ROOT_PASSWORD = Key::new("root.password", &["VESTIBULE_ROOT_PASSWORD", "SUPER_ADMIN_PASSWORD"], Kind::Text,
        "Password of the first root account; later changes here change nothing.").example("a long password").secret();

    EMAIL_HOST = Key::new("email.host", &["EMAIL_HOST"], Kind::Text,
        "Host name of the mail server.").example("smtp.example.org");
    EMAIL_PORT = Key::new("email.port", &["EMAIL_PORT"], number(1, 65_535),
        "Port of the mail server: 465 is TLS from the start, any other STARTTLS, which only a server on this machine may \
         leave out.").default("587");
    EMAIL_USER = Key::new("email.user", &["EMAIL_USER"], Kind::Text,
        "User name at the mail server.").example("vestibule@example.org");
    EMAIL_PASS = Key::new("email.password", &["EMAIL_PASS"], Kind::Text,
        "Password at the mail server.").example("a password").secret();
    EMAIL_FROM = Key::new("email.from", &["EMAIL_FROM"], Kind::Text,
        "The sender, `ADDRESS` or `Name <ADDRESS>`.")
        .derived("`email.user` where that is an address").example("Vestibule <no-reply@example.org>");
    EMAIL_CA_FILE = Key::new("email.ca_file", &["VESTIBULE_EMAIL_CA_FILE"], Kind::Path,
        "PEM file of the authority that signed the mail server's certificate, beside those of the system.")
        .example("/etc/vestibule/mail-ca.pem");

    EMAIL_TEMPLATES = Key::new("email.templates", &["VESTIBULE_EMAIL_TEMPLATES"], Kind::Path,
        "Folder of mail templates that replace the built-in ones: `<en|fr>/<letter>.<txt|html>`.")
        .example("/etc/vestibule/mail");

    EMAIL_CONNECT = Key::new("email.connect_seconds", &["VESTIBULE_EMAIL_CONNECT_SECONDS"], number(1, 60),
        "How long a connection to the mail server may take.").default("5");
    EMAIL_COMMAND = Key::new("email.command_seconds", &["VESTIBULE_EMAIL_COMMAND_SECONDS"], number(1, 120),
        "How long the mail server may take to answer a command.").default("15");
    EMAIL_LEASE = Key::new("email.lease_seconds", &["VESTIBULE_EMAIL_LEASE_SECONDS"], number(30, 600),
        "After so long without an outcome another worker tries to deliver a mail; the delivery itself is given up 5 s before.")
        .default("60");
    EMAIL_GIVE_UP = Key::new("email.give_up_seconds", &["VESTIBULE_EMAIL_GIVE_UP_SECONDS"], number(600, 604_800),
        "How long the delivery of a notice is tried; a code or link no longer than it works.").default("86400");

    METRICS_LISTEN = Key::new("metrics.listen", &["VESTIBULE_METRICS_LISTEN"], Kind::Text,
        "Address and port of `/metrics`, or `off`; it is not protected, so keep it inside.").default("127.0.0.1:9464");

    LOG_FILTER = Key::new("log.filter", &["RUST_LOG"], Kind::Text,
        "What is logged: levels, also by module, as in `info,vestibule_smtp=debug`.")
        .default("info,sqlx=warn,actix_server=warn,actix_http=off,mio=warn");
    LOG_FORMAT = Key::new("log.format", &["VESTIBULE_LOG_FORMAT"], Kind::Choice(&["text", "json"]),
        "How a log line looks.").derived("`text` on a terminal, otherwise `json`").example("json");

    GOOGLE_CLIENT_ID = Key::new("providers.google_client_id", &["GOOGLE_CLIENT_ID"], Kind::Text,
        "The client id at Google.").example("1234.apps.googleusercontent.com");
    GOOGLE_JWKS_URL = Key::new("providers.google_jwks_url", &["VESTIBULE_GOOGLE_JWKS_URL"], Kind::Text,
        "Where Google's keys are; https, or http on this machine.").derived("Google's own").example("https://proxy.example.org/certs");
    GOOGLE_ISSUER = Key::new("providers.google_issuer", &["VESTIBULE_GOOGLE_ISSUER"], Kind::Text,
        "Who must have issued Google's tokens.").derived("Google's two names").example("https://issuer.example.org");
    FACEBOOK_APP_ID = Key::new("providers.facebook_app_id", &["FACEBOOK_APP_ID"], Kind::Text,
        "The app id at Facebook.").example("1234567890");
    FACEBOOK_APP_SECRET = Key::new("providers.facebook_app_secret", &["FACEBOOK_APP_SECRET"], Kind::Text,
        "The app secret at Facebook.").example("the secret").secret();
    FACEBOOK_GRAPH_URL = Key::new("providers.facebook_graph_url", &["VESTIBULE_FACEBOOK_GRAPH_URL"], Kind::Text,
        "Where Facebook's Graph API is, with its version; https, or http on this machine.")
        .derived("Facebook's own").example("https://graph.facebook.com/v2.6");
    FACEBOOK_TRUST_EMAIL = Key::new("providers.facebook_trust_email", &["VESTIBULE_FACEBOOK_TRUST_EMAIL"], Kind::Switch,
        "Whether Facebook vouches for the addresses that it tells.").default("on");
    APPLE_CLIENT_ID = Key::new("providers.apple_client_id", &["APPLE_CLIENT_ID"], Kind::Text,
        "The client (services) id at Apple.").example("org.example.app");
    APPLE_TEAM_ID = Key::new("providers.apple_team_id", &["APPLE_TEAM_ID"], Kind::Text,
        "The team id at Apple.").example("ABCDE12345");
    APPLE_KEY_ID = Key::new("providers.apple_key_id", &["APPLE_KEY_ID"], Kind::Text,
        "The id of the private key at Apple.").example("ABC123DEFG");
    APPLE_PRIVATE_KEY = Key::new("providers.apple_private_key", &["APPLE_PRIVATE_KEY"], Kind::Text,
        "The private key (PKCS#8 PEM); line breaks may be written as a backslash and an n.")
        .example("-----BEGIN PRIVATE KEY-----…").secret();
    APPLE_URL = Key::new("providers.apple_url", &["VESTIBULE_APPLE_URL"], Kind::Text,
        "Base of Apple's `/auth/token` and `/auth/keys`; https, or http on this machine.")
        .derived("Apple's own").example("https://appleid.apple.com");

    CONTACTS = Key::new("dialects.contacts.enabled", &["VESTIBULE_DIALECT_CONTACTS"], Kind::Switch,
        "Whether the dialect is served.").default("on");
    CONTACTS_PREFIX = Key::new("dialects.contacts.prefix", &["VESTIBULE_DIALECT_CONTACTS_PREFIX"], Kind::Text,
        "Path under which the dialect is mounted, beginning with a slash; empty for none.")
        .default("").example("/contacts");

    MERN = Key::new("dialects.mern.enabled", &["VESTIBULE_DIALECT_MERN"], Kind::Switch,
        "Whether the dialect is served.").default("on");
    MERN_PREFIX = Key::new("dialects.mern.prefix", &["VESTIBULE_DIALECT_MERN_PREFIX"], Kind::Text,
        "Path under which the dialect is mounted, beginning with a slash; empty for none.").default("").example("/mern");
    MERN_VERIFY_EMAIL = Key::new("dialects.mern.verify_email", &["VESTIBULE_MERN_VERIFY_EMAIL"], Kind::Switch,
        "Whether a mailbox must be proven by a mailed link before the first sign-in.").default("off");
    MERN_RESET_PASSWORD = Key::new("dialects.mern.reset_password", &["VESTIBULE_MERN_RESET_PASSWORD"], Kind::Switch,
        "Whether a password can be reset by a mailed link.").default("on");
    MERN_TITLE = Key::new("dialects.mern.title", &["VESTIBULE_MERN_TITLE"], Kind::Text,
        "The name of the site in this dialect's mails.").default("MERN Stack");

    EGO = Key::new("dialects.ego.enabled", &["VESTIBULE_DIALECT_EGO"], Kind::Switch,
        "Whether the dialect is served.").default("on");
    EGO_PREFIX = Key::new("dialects.ego.prefix", &["VESTIBULE_DIALECT_EGO_PREFIX"], Kind::Text,
        "Path under which the dialect is mounted, beginning with a slash; empty for none.").default("").example("/ego");
    EGO_PASSWORD_MIN = Key::new("dialects.ego.password_min", &["VESTIBULE_EGO_PASSWORD_MIN"],
        Kind::Number { floor: 5, ceiling: 64 },
        "The fewest characters of a new password through this dialect, whose document has an example of five; set 8 or \
         more in production.").default("5");
    EGO_FRONTEND_URL = Key::new("dialects.ego.frontend_url", &["VESTIBULE_EGO_FRONTEND_URL"], Kind::Text,
        "The URL of the client's pages; the links of reset mails begin with it.")
        .derived("the public URL").example("https://app.example.org");
}
