//! The listener and the URLs that it is known by.

use super::{Key, Kind, number, table};

table! {
    LISTEN = Key::new("server.listen", &["VESTIBULE_LISTEN"], Kind::Text,
        "Address and port to listen on. Where it is not set, `PORT` of the environment means `0.0.0.0:$PORT`, as on Heroku and Cloud Run.").default("127.0.0.1:3000");
    PUBLIC_URL = Key::new("server.public_url", &["VESTIBULE_PUBLIC_URL"], Kind::Text,
        "The URL under which clients reach the server; links in mail begin with it.")
        .derived("`http://` and the address that is listened on").example("https://accounts.example.org");
    DATA_DIR = Key::new("server.data_dir", &["VESTIBULE_DATA_DIR"], Kind::Path,
        "Directory of the SQLite file, the generated secret and uploads on their way to a bucket; made with mode 0700 when it is needed.")
        .default("./vestibule-data");
    TRUSTED_PROXIES = Key::new("server.trusted_proxies", &["VESTIBULE_TRUSTED_PROXIES"], Kind::List,
        "Networks or addresses of the reverse proxies whose forwarding headers are believed.")
        .default("").example("10.0.0.0/8, fd00::/8");
    CORS_ORIGINS = Key::new("server.cors_origins", &["VESTIBULE_CORS_ORIGINS"], Kind::List,
        "Origins whose pages may call the server from a browser, compared exactly; an app in a web view has one too, such as \
         `capacitor://localhost`. Without any, CORS is off.")
        .default("").example("https://app.example.org, capacitor://localhost");
    DOCS = Key::new("server.docs", &["VESTIBULE_DOCS"], Kind::Switch,
        "Whether `/docs` and `/openapi.json`, which describe every endpoint, are served.").default("on");
    WORKERS = Key::new("server.workers", &["VESTIBULE_WORKERS"], number(1, 256),
        "Threads that serve HTTP.").derived("one for each core").example("4");
    DRAIN = Key::new("server.drain_seconds", &["VESTIBULE_DRAIN_SECONDS"], number(0, 300),
        "For how long after SIGTERM `/health/ready` answers 503 while everything else is served, before the end begins: the time that a balancer needs to notice.")
        .default("0");
    SHUTDOWN = Key::new("server.shutdown_seconds", &["VESTIBULE_SHUTDOWN_SECONDS"], number(2, 300),
        "How long the end may take after SIGTERM: requests have eight tenths of it to finish, mail nine, closing the store and writing the log the rest.")
        .default("10");
}
