//! A database for each test, copied from a migrated template that all test processes share.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::atomic::{AtomicU32, Ordering},
};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, error::DatabaseError};
use vestibule_ports::Store;
use vestibule_postgres::{PostgresOptions, PostgresStore};
use vestibule_testkit::postgres::postgres_url;

/// A database that is dropped with this value.
pub(crate) struct Database {
    name: String,
}

impl Database {
    /// An empty database.
    pub(crate) async fn empty() -> Self {
        Self::create("").await
    }

    /// A database with the present schema.
    pub(crate) async fn migrated() -> Self {
        Self::create(&format!("TEMPLATE {}", template().await)).await
    }

    async fn create(options: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("vestibule_case_{}_{number}", std::process::id());
        let mut server = connect(&postgres_url()).await;
        execute(&mut server, format!("CREATE DATABASE {name} {options}")).await;
        Self { name }
    }

    pub(crate) fn url(&self) -> String {
        url_of(&self.name)
    }

    /// A store on this database.
    pub(crate) fn store(&self) -> PostgresStore {
        self.store_with(PostgresOptions::default())
    }

    /// A store on this database that uses its server in another way.
    pub(crate) fn store_with(&self, options: PostgresOptions) -> PostgresStore {
        PostgresStore::connect_lazy(&self.url(), options).unwrap()
    }

    /// Whether transactions in later connections are read-only.
    pub(crate) async fn fence(&self, on: bool) {
        let change = if on { "SET default_transaction_read_only = on" } else { "RESET default_transaction_read_only" };
        execute(&mut connect(&postgres_url()).await, format!("ALTER DATABASE {} {change}", self.name)).await;
    }

    /// Runs a statement past the store.
    pub(crate) async fn execute(&self, sql: &str) {
        execute(&mut connect(&self.url()).await, sql.to_owned()).await;
    }

    /// Asks for a number past the store.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let mut connection = connect(&self.url()).await;
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await.unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let drop_it = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // A value is dropped outside async code, perhaps on a thread that runs some.
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { execute(&mut connect(&postgres_url()).await, drop_it).await });
        });
        let dropped = thread.join().is_ok();
        assert!(dropped || std::thread::panicking(), "the database {} was not dropped", self.name);
    }
}

/// The name of the migrated template, made by the first caller.
async fn template() -> String {
    let mut hasher = DefaultHasher::new();
    for step in sqlx::migrate!("../../../migrations/postgres").iter() {
        (step.version, &step.checksum).hash(&mut hasher);
    }
    let hash = hasher.finish();
    let name = format!("vestibule_template_{hash:016x}");

    let mut server = connect(&postgres_url()).await;
    sqlx::query("SELECT pg_advisory_lock($1)").bind(hash.cast_signed()).execute(&mut server).await.unwrap();
    let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(&name)
        .fetch_one(&mut server)
        .await
        .unwrap();
    if !exists {
        // It gets its name when it is complete: a killed process leaves no half template.
        let draft = format!("{name}_draft");
        execute(&mut server, format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)")).await;
        execute(&mut server, format!("CREATE DATABASE {draft}")).await;
        let store = PostgresStore::connect_lazy(&url_of(&draft), PostgresOptions::default()).unwrap();
        store.migrate().await.unwrap();
        store.close().await;
        // The server may take a moment to notice that its last client has left.
        while server
            .execute(AssertSqlSafe(format!("ALTER DATABASE {draft} RENAME TO {name}")))
            .await
            .inspect_err(|error| {
                let code = error.as_database_error().and_then(DatabaseError::code).unwrap_or_default();
                assert_eq!(code, "55006", "the template is not completed: {error}");
            })
            .is_err()
        {
            tokio::task::yield_now().await;
        }
    }
    // The lock goes with the connection.
    server.close().await.unwrap();
    name
}

fn url_of(database: &str) -> String {
    let server = postgres_url();
    let (server, _) = server.rsplit_once('/').unwrap_or_else(|| panic!("{server} names no database"));
    format!("{server}/{database}")
}

pub(crate) async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap_or_else(|error| panic!("PostgreSQL at {url}: {error}"))
}

pub(crate) async fn execute(connection: &mut PgConnection, sql: String) {
    connection.execute(AssertSqlSafe(sql)).await.unwrap();
}
