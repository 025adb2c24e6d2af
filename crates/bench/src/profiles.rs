//! Approved profiles, written by statements, with tags of every frequency.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::Failure;

/// `bare profiles`
#[derive(clap::Args)]
pub struct Args {
    /// The URL of the PostgreSQL database, whose tables the server made.
    #[arg(long)]
    database: String,
    /// How many.
    #[arg(long, default_value_t = 10_000)]
    profiles: u32,
    /// Whether their places in lists are a thousand numbers, and not all the same.
    #[arg(long)]
    spread: bool,
}

const STATEMENTS: &str = include_str!("../../adapters/postgres/tests/it/profiles.sql");

/// Writes the profiles, and lets PostgreSQL look at them, as it would by itself some minutes later.
pub fn run(args: &Args) -> Result<(), Failure> {
    actix_web::rt::System::new().block_on(write(args))
}

async fn write(args: &Args) -> Result<(), Failure> {
    let ord = if args.spread { "pg_temp.dice(n, 98, 1000)" } else { "0" };
    let statements = STATEMENTS.replace("{profiles}", &args.profiles.to_string()).replace("{ord}", ord);
    let mut connection = PgConnection::connect(&args.database).await?;
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut connection).await?;
    for table in ["VACUUM ANALYZE profiles", "VACUUM ANALYZE profile_terms"] {
        sqlx::raw_sql(table).execute(&mut connection).await?;
    }
    connection.close().await?;
    Ok(())
}
