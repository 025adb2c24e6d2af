//! Single-row commits: how fast the store itself takes one row after the other, from many at once.

use std::time::{Duration, Instant};

use serde_json::json;
use sqlx::{
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::{runtime::Runtime, task::JoinSet};

use crate::{Failure, crowd::Store};

/// As many connections as the server has to PostgreSQL.
const POSTGRES_POOL: u32 = 16;

const INSERT: &str = "INSERT INTO bench_commits (counter) VALUES (1)";

/// `bare commits`
#[derive(clap::Args)]
pub struct Args {
    /// Which store.
    #[arg(long)]
    store: Store,
    /// The URL of a database; the rows go to a table of their own.
    #[arg(long)]
    database: String,
    /// How many insert at once.
    #[arg(long, default_value_t = 64)]
    connections: u32,
    /// For how long.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

/// Prints the commits a second as JSON.
pub fn run(args: &Args) -> Result<(), Failure> {
    let rps = Runtime::new()?.block_on(async {
        match args.store {
            Store::Postgres => postgres(args).await,
            Store::Sqlite => sqlite(args).await,
        }
    })?;
    println!("{}", json!({ "rps": rps }));
    Ok(())
}

async fn postgres(args: &Args) -> Result<f64, Failure> {
    let pool = PgPoolOptions::new().max_connections(POSTGRES_POOL).connect(&args.database).await?;
    sqlx::query("CREATE TABLE IF NOT EXISTS bench_commits (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, counter integer NOT NULL)")
        .execute(&pool)
        .await?;
    let insert = move || {
        let pool = pool.clone();
        async move { sqlx::query(INSERT).execute(&pool).await.map(drop) }
    };
    rate(args, insert).await
}

/// One connection that writes, in the way in which the server has it.
async fn sqlite(args: &Args) -> Result<f64, Failure> {
    let options: SqliteConnectOptions = args.database.parse()?;
    let options =
        options.create_if_missing(true).journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    sqlx::query("CREATE TABLE IF NOT EXISTS bench_commits (id INTEGER PRIMARY KEY, counter INTEGER NOT NULL)")
        .execute(&pool)
        .await?;
    let insert = move || {
        let pool = pool.clone();
        async move { sqlx::query(INSERT).execute(&pool).await.map(drop) }
    };
    rate(args, insert).await
}

/// How many inserts a second so many tasks make.
async fn rate<Done>(args: &Args, insert: impl Fn() -> Done + Clone + Send + 'static) -> Result<f64, Failure>
where
    Done: Future<Output = Result<(), sqlx::Error>> + Send,
{
    let end = Instant::now() + Duration::from_secs(args.seconds);
    let mut tasks = JoinSet::new();
    for _ in 0..args.connections {
        let insert = insert.clone();
        tasks.spawn(async move {
            let mut count = 0_u32;
            while Instant::now() < end {
                insert().await?;
                count += 1;
            }
            Ok::<_, sqlx::Error>(count)
        });
    }
    let mut total = 0.0;
    while let Some(count) = tasks.join_next().await {
        total += f64::from(count??);
    }
    Ok(total / Duration::from_secs(args.seconds).as_secs_f64())
}
