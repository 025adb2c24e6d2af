//! A crowd of accounts, written by the statements below: through the front door each would cost a password hash.
//!
//! They are as unlike each other as those of a grown site: one in a thousand is an admin, one in thirty disabled, one in
//! ten has not proven its mailbox, a third has no user name, and names are shared by hundreds.

use clap::ValueEnum;
use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::Failure;

/// Which database it is.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Store {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
}

/// `bare crowd`
#[derive(clap::Args)]
pub struct Args {
    /// Which store.
    #[arg(long)]
    store: Store,
    /// The URL of the database, whose tables the server made.
    #[arg(long)]
    database: String,
    /// How many accounts; their addresses are `crowd-0@example.test` and so on.
    #[arg(long, default_value_t = 100_000)]
    accounts: u32,
}

/// What both databases understand; `n` is the number of an account, and each says in its words what is in braces.
const INSERT: &str = "
    INSERT INTO accounts (id, email, username, first_name, last_name, role, status, permissions, mailbox_proven_at,
        first_proven_at, epoch, password_hash, created_at, updated_at)
    SELECT {id}, 'crowd-' || n || '@example.test', CASE WHEN n % 3 > 0 THEN 'crowd-' || n END,
        'First' || n * 31 % 300, 'Last' || n * 17 % 4000,
        CASE WHEN n % 20000 = 9 THEN 'root' WHEN n * 7919 % 1000 = 0 THEN 'admin' ELSE 'user' END,
        CASE WHEN n * 7919 % 1000 BETWEEN 1 AND 30 THEN 'disabled' WHEN n * 7919 % 1000 BETWEEN 31 AND 40 THEN 'pending'
            ELSE 'active' END,
        CASE WHEN n % 101 = 7 THEN 36 ELSE 32 END,
        CASE WHEN n % 10 > 0 AND n * 7919 % 1000 NOT BETWEEN 31 AND 40 THEN {proven} END,
        CASE WHEN n % 10 > 0 AND n * 7919 % 1000 NOT BETWEEN 31 AND 40 THEN {proven} END,
        {epoch}, '$2b$10$0123456789012345678901uNeverTheHashOfAnyPasswordAtAll00', {created}, {updated}
    FROM numbers";

/// Seconds since 1970 of the first account; each later one came a second later.
const BEGIN: u32 = 1_700_000_000;

fn postgres(accounts: u32) -> String {
    let time = |seconds: &str| format!("to_timestamp({BEGIN} + {seconds})");
    let numbers = format!("WITH numbers AS (SELECT n::bigint AS n FROM generate_series(0, {accounts} - 1) AS n)");
    let id = format!("(lpad(to_hex({BEGIN} + n), 8, '0') || '-0000-8000-8000-000000000000')::uuid");
    numbers + &insert([&id, "decode(md5(n::text), 'hex')"], time)
}

fn sqlite(accounts: u32) -> String {
    let time = |seconds: &str| format!("({BEGIN} + {seconds}) * 1000000");
    let numbers = format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < {accounts} - 1)"
    );
    let id = format!("unhex(printf('%08x', {BEGIN} + n) || '00008000' || '8000000000000000')");
    numbers + &insert([&id, "randomblob(16)"], time)
}

fn insert([id, epoch]: [&str; 2], time: impl Fn(&str) -> String) -> String {
    INSERT
        .replace("{id}", id)
        .replace("{epoch}", epoch)
        .replace("{proven}", &time("n + 60"))
        .replace("{created}", &time("n"))
        .replace("{updated}", &time("n * 7919 % 100003 + 100000"))
}

/// The id of an account, by its number, as the dialects show it.
pub fn id(number: u32) -> String {
    format!("{:08x}0000000000000000", BEGIN + number)
}

/// Writes the accounts, and lets PostgreSQL look at them, as it would by itself some minutes later.
pub fn run(args: &Args) -> Result<(), Failure> {
    actix_web::rt::System::new().block_on(write(args))
}

async fn write(args: &Args) -> Result<(), Failure> {
    let Args { store, database, accounts } = args;
    match store {
        Store::Postgres => {
            let mut connection = PgConnection::connect(database).await?;
            sqlx::raw_sql(sqlx::AssertSqlSafe(postgres(*accounts))).execute(&mut connection).await?;
            sqlx::raw_sql("VACUUM ANALYZE accounts").execute(&mut connection).await?;
            connection.close().await?;
        }
        Store::Sqlite => {
            let mut connection = SqliteConnection::connect(database).await?;
            sqlx::raw_sql(sqlx::AssertSqlSafe(sqlite(*accounts))).execute(&mut connection).await?;
            connection.close().await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use vestibule_domain::AccountId;

    use super::*;

    #[tokio::test]
    async fn the_accounts_are_ones_that_the_server_reads() {
        let mut database = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let core = include_str!("../../../migrations/sqlite/0001_schema.sql");
        sqlx::raw_sql(core).execute(&mut database).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sqlite(2_000))).execute(&mut database).await.unwrap();
        let ids: Vec<uuid::Uuid> =
            sqlx::query_scalar("SELECT id FROM accounts").fetch_all(&mut database).await.unwrap();
        let mut ids: Vec<String> = ids.into_iter().map(|id| AccountId::from_uuid(id).unwrap().hex()).collect();
        ids.sort();
        assert_eq!(ids, (0..2_000).map(id).collect::<Vec<_>>());
    }
}
