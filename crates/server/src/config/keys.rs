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

/// What each section is about.
pub const SECTIONS: &[(&str, &str)] = &[
    ("server", "The listener and what it says about itself."),
    ("database", "Where everything is kept."),
    ("security", "The secret, passwords and limits."),
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
    WORKERS = Key::new("server.workers", &["VESTIBULE_WORKERS"], Kind::Number { floor: 1, ceiling: 256 },
        "Threads that serve HTTP.").derived("one for each core").example("4");

    DATABASE_URL = Key::new("database.url", &["DATABASE_URL"], Kind::Text,
        "`sqlite://PATH` (three slashes begin an absolute path), `postgres://USER:PASSWORD@HOST/NAME`, or `memory:`, \
         which forgets everything at the end.")
        .derived("`sqlite://`, the data directory and `/vestibule.db`")
        .example("postgres://vestibule:password@127.0.0.1:5432/vestibule").secret();
    DATABASE_POOL = Key::new("database.pool", &["VESTIBULE_DATABASE_POOL"], Kind::Number { floor: 2, ceiling: 500 },
        "The most connections to PostgreSQL.").default("16");
    MIGRATE = Key::new("database.migrate", &["VESTIBULE_MIGRATE"], Kind::Switch,
        "Whether `serve` brings the schema up to date before it listens; otherwise run `vestibule migrate`.")
        .default("on");

    SECRET = Key::new("security.secret", &["VESTIBULE_SECRET", "KEY"], Kind::Text,
        "The server secret, at least 32 bytes; every key is derived from it, so whoever has it can sign tokens. \
         All nodes on one PostgreSQL share it, so there it must be given.")
        .derived("read from `secret` in the data directory, where it is generated at the first start")
        .example("the output of `openssl rand -hex 32`").secret();
    BCRYPT_COST = Key::new("security.bcrypt_cost", &["VESTIBULE_BCRYPT_COST"], Kind::Number { floor: 10, ceiling: 14 },
        "Cost of new password hashes; one more doubles the time of a sign-in.").default("12");
    HASH_THREADS = Key::new("security.hash_threads", &["VESTIBULE_HASH_THREADS"],
        Kind::Number { floor: 1, ceiling: 256 },
        "Threads that hash passwords, at low priority.").derived("one for each core").example("4");
    PASSWORD_MIN = Key::new("security.password_min", &["VESTIBULE_PASSWORD_MIN"], Kind::Number { floor: 8, ceiling: 64 },
        "The fewest characters of a new password; the most is 72 bytes.").default("8");
    LIMITS = Key::new("security.limits", &["VESTIBULE_LIMITS"], Kind::Switch,
        "Whether requests are counted per source and mailbox, and guesses per account delayed. \
         `off` is for tests and refused unless the listener is on loopback.").default("on");

    ROOT_EMAIL = Key::new("root.email", &["VESTIBULE_ROOT_EMAIL", "SUPER_ADMIN_EMAIL"], Kind::Text,
        "E-mail address of the first root account.").example("root@example.org").or_file();
    ROOT_USERNAME = Key::new("root.username", &["VESTIBULE_ROOT_USERNAME"], Kind::Text,
        "User name of the first root account, which may do without.").example("root").or_file();
    ROOT_PASSWORD = Key::new("root.password", &["VESTIBULE_ROOT_PASSWORD", "SUPER_ADMIN_PASSWORD"], Kind::Text,
        "Password of the first root account; later changes here change nothing.").example("a long password").secret();

    EMAIL_HOST = Key::new("email.host", &["EMAIL_HOST"], Kind::Text,
        "Host name of the mail server.").example("smtp.example.org");
    EMAIL_PORT = Key::new("email.port", &["EMAIL_PORT"], Kind::Number { floor: 1, ceiling: 65_535 },
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

    METRICS_LISTEN = Key::new("metrics.listen", &["VESTIBULE_METRICS_LISTEN"], Kind::Text,
        "Address and port of `/metrics`, or `off`; it is not protected, so keep it inside.").default("127.0.0.1:9464");

    LOG_FILTER = Key::new("log.filter", &["RUST_LOG"], Kind::Text,
        "What is logged: levels, also by module, as in `info,vestibule_smtp=debug`.")
        .default("info,sqlx=warn,actix_server=warn,actix_http=off,h2=off,mio=warn");
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
