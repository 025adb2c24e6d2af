//! The one SELECT of the bare route, on each store.

use std::time::Duration;

use sqlx::{
    ConnectOptions, FromRow, PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};
use time::{OffsetDateTime, error::ComponentRange};
use uuid::Uuid;
use vestibule_domain::AccountId;

use crate::Failure;

/// As many connections as the server has.
const POSTGRES_CONNECTIONS: u32 = 16;
/// As many readers as the server has.
const SQLITE_READERS: u32 = 8;

/// Both databases take `$1`.
const SELECT: &str = "SELECT id, email, username, full_name, first_name, last_name, role, status, permissions, \
     mailbox_proven_at, first_proven_at, epoch, password_hash, google_user_id, google_picture, facebook_user_id, \
     facebook_picture, apple_user_id, apple_picture, last_sign_in_at, failed_sign_ins, last_failed_sign_in_at, \
     created_at, updated_at, password_change_due \
     FROM accounts WHERE id = $1";

/// Every column of an account, as the server selects them: each is decoded, as a server must that checks what it read.
#[derive(FromRow)]
#[expect(dead_code, reason = "columns are decoded because the server decodes them")]
struct Row<T> {
    id: Uuid,
    email: String,
    username: Option<String>,
    full_name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    role: String,
    status: String,
    permissions: i64,
    mailbox_proven_at: Option<T>,
    first_proven_at: Option<T>,
    epoch: Vec<u8>,
    password_hash: Option<String>,
    password_change_due: bool,
    google_user_id: Option<String>,
    google_picture: Option<String>,
    facebook_user_id: Option<String>,
    facebook_picture: Option<String>,
    apple_user_id: Option<String>,
    apple_picture: Option<String>,
    last_sign_in_at: Option<T>,
    failed_sign_ins: i64,
    last_failed_sign_in_at: Option<T>,
    created_at: T,
    updated_at: T,
}

/// What the answers show of an account.
pub(super) struct Account {
    pub(super) id: AccountId,
    pub(super) full_name: String,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) email: String,
    pub(super) username: Option<String>,
    pub(super) role: String,
    pub(super) status: String,
    pub(super) permissions: i64,
    pub(super) created_at: OffsetDateTime,
    pub(super) updated_at: OffsetDateTime,
}

/// Where accounts are read.
pub(super) enum Accounts {
    Postgres(PgPool),
    Sqlite(SqlitePool),
    Memory,
}

impl Accounts {
    /// Connections are made by the threads that need them, so that each is driven where it was first used.
    pub(super) fn postgres(url: &str) -> Result<Self, Failure> {
        let options: PgConnectOptions = url.parse()?;
        let pool = PgPoolOptions::new().max_connections(POSTGRES_CONNECTIONS).test_before_acquire(false);
        Ok(Self::Postgres(pool.connect_lazy_with(options.disable_statement_logging())))
    }

    /// The same settings as the server's readers.
    pub(super) fn sqlite(url: &str) -> Result<Self, Failure> {
        let options: SqliteConnectOptions = url.parse()?;
        let options = options
            .read_only(true)
            .busy_timeout(Duration::from_secs(5))
            .foreign_keys(true)
            .pragma("temp_store", "memory")
            .disable_statement_logging();
        let pool = SqlitePoolOptions::new().max_connections(SQLITE_READERS).test_before_acquire(false);
        Ok(Self::Sqlite(pool.connect_lazy_with(options)))
    }

    pub(super) async fn find(&self, id: AccountId) -> Result<Option<Account>, Failure> {
        match self {
            Self::Postgres(pool) => {
                let query = sqlx::query_as::<_, Row<OffsetDateTime>>(SELECT).bind(id.uuid());
                query.fetch_optional(pool).await?.map(|row| show(row, Ok)).transpose()
            }
            Self::Sqlite(pool) => {
                let query = sqlx::query_as::<_, Row<i64>>(SELECT).bind(id.uuid());
                let time = |micros| OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000);
                query.fetch_optional(pool).await?.map(|row| show(row, time)).transpose()
            }
            Self::Memory => Ok(Some(fixed(id))),
        }
    }
}

/// What is answered where nothing is read.
fn fixed(id: AccountId) -> Account {
    let [full_name, email, role, status] =
        ["Bench Account 0", "bench-0@example.test", "user", "active"].map(str::to_owned);
    Account {
        id,
        full_name,
        first_name: Some("Bench Account".to_owned()),
        last_name: Some("0".to_owned()),
        email,
        username: None,
        role,
        status,
        permissions: 32,
        created_at: OffsetDateTime::UNIX_EPOCH,
        updated_at: OffsetDateTime::UNIX_EPOCH,
    }
}

fn show<T>(row: Row<T>, time: impl Fn(T) -> Result<OffsetDateTime, ComponentRange>) -> Result<Account, Failure> {
    Ok(Account {
        id: AccountId::from_uuid(row.id)?,
        full_name: row.full_name.unwrap_or_default(),
        first_name: row.first_name,
        last_name: row.last_name,
        email: row.email,
        username: row.username,
        role: row.role,
        status: row.status,
        permissions: row.permissions,
        created_at: time(row.created_at)?,
        updated_at: time(row.updated_at)?,
    })
}
