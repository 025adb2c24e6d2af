//! The store.

use super::{Key, Kind, number, table};

table! {
    DATABASE_URL = Key::new("database.url", &["DATABASE_URL"], Kind::Text,
        "`sqlite://PATH` (three slashes begin an absolute path), `postgres://USER:PASSWORD@HOST/NAME` or, as libpq writes it, \
         `host=HOST dbname=NAME`, or `memory:`, which forgets everything at the end.")
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
}
