//! Conversations of the past, written by the statements below: a million messages over the wire would take long.
//!
//! The two sides write in turn, the user first, and nothing has been read.

use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::{Failure, crowd::Store};

/// `bare chat history`
#[derive(clap::Args)]
pub struct Args {
    /// Which store.
    #[arg(long)]
    store: Store,
    /// The URL of the database, whose tables the server made.
    #[arg(long)]
    database: String,
    /// The addresses of the accounts, as a pattern of SQL; those that have a message already are left out.
    #[arg(long)]
    emails: String,
    /// How many messages each conversation has.
    #[arg(long)]
    messages: u32,
}

/// What both databases understand; `n` is the number of a message, and each says in its words what is in braces.
const CONVERSATIONS: &str = "INSERT INTO conversations (account_id, written_seq, written_by_user)
    SELECT id, {messages}, ({messages} + 1) / 2 FROM accounts WHERE email LIKE {emails}
        AND NOT EXISTS (SELECT 1 FROM conversations WHERE account_id = accounts.id)";
const MESSAGES: &str = "
    INSERT INTO messages (conversation_id, seq, by_user, id, side, author, display_time, created_at, text)
    SELECT chosen.id, n, (n + 1) / 2, {id}, CASE WHEN n % 2 = 1 THEN 'user' ELSE 'staff' END, account_id, '10:30 AM',
        {created}, 'What was written long ago as number ' || n
    FROM chosen CROSS JOIN numbers";
const CHOSEN: &str =
    "chosen AS MATERIALIZED (SELECT c.id, account_id FROM conversations c JOIN accounts a ON a.id = account_id
    WHERE email LIKE {emails} AND NOT EXISTS (SELECT 1 FROM messages WHERE conversation_id = c.id))";

/// Seconds since 1970 of the first message; each later one came a second later.
const BEGIN: u32 = 1_700_000_000;

fn postgres(emails: &str, messages: u32) -> [String; 2] {
    let id = format!("(lpad(to_hex({BEGIN} + n), 8, '0') || '-0000-8000-8000-000000000000')::uuid");
    let numbers = format!("WITH numbers AS (SELECT n::bigint AS n FROM generate_series(1, {messages}) AS n)");
    statements(emails, messages, [&numbers, &id, &format!("to_timestamp({BEGIN} + n)")])
}

fn sqlite(emails: &str, messages: u32) -> [String; 2] {
    let id = format!("unhex(printf('%08x', {BEGIN} + n) || '00008000' || '8000000000000000')");
    let numbers =
        format!("WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {messages})");
    statements(emails, messages, [&numbers, &id, &format!("({BEGIN} + n) * 1000000")])
}

fn statements(emails: &str, messages: u32, [numbers, id, created]: [&str; 3]) -> [String; 2] {
    let emails = format!("'{}'", emails.replace('\'', "''"));
    let filled = |sql: &str| {
        sql.replace("{messages}", &messages.to_string())
            .replace("{id}", id)
            .replace("{created}", created)
            .replace("{emails}", &emails)
    };
    [filled(CONVERSATIONS), format!("{numbers}, {} {}", filled(CHOSEN), filled(MESSAGES))]
}

/// Writes the conversations, and lets PostgreSQL look at them, as it would by itself some minutes later.
pub fn run(args: &Args) -> Result<(), Failure> {
    actix_web::rt::System::new().block_on(write(args))
}

async fn write(args: &Args) -> Result<(), Failure> {
    let Args { store, database, emails, messages } = args;
    match store {
        Store::Postgres => {
            let mut connection = PgConnection::connect(database).await?;
            for sql in postgres(emails, *messages) {
                sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await?;
            }
            for table in ["VACUUM ANALYZE conversations", "VACUUM ANALYZE messages"] {
                sqlx::raw_sql(table).execute(&mut connection).await?;
            }
            connection.close().await?;
        }
        Store::Sqlite => {
            let mut connection = SqliteConnection::connect(database).await?;
            for sql in sqlite(emails, *messages) {
                sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await?;
            }
            connection.close().await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use vestibule_domain::MessageId;

    use super::*;

    #[tokio::test]
    async fn the_messages_are_ones_that_the_server_reads() {
        let mut database = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let core = include_str!("../../../../migrations/sqlite/0001_schema.sql");
        sqlx::raw_sql(core).execute(&mut database).await.unwrap();
        let accounts = "INSERT INTO accounts (id, email, role, status, permissions, epoch, created_at, updated_at) SELECT \
             randomblob(16), value, 'user', 'active', 0, randomblob(16), 0, 0 FROM json_each('[\"a-1\", \"a-2\", \"b\"]')";
        sqlx::raw_sql(accounts).execute(&mut database).await.unwrap();
        let all = [sqlite("a-1", 5), sqlite("a-%", 3)].concat();
        for sql in all {
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut database).await.unwrap();
        }
        let messages: Vec<(uuid::Uuid, i64, i64, String)> =
            sqlx::query_as("SELECT id, seq, by_user, side FROM messages ORDER BY conversation_id, seq")
                .fetch_all(&mut database)
                .await
                .unwrap();
        assert_eq!(messages.len(), 8);
        for (id, ..) in &messages {
            MessageId::from_uuid(*id).unwrap();
        }
        let last = messages.iter().max_by_key(|message| message.1).unwrap();
        assert_eq!((last.1, last.2, last.3.as_str()), (5, 3, "user"));
        let written: Vec<(i64, i64)> =
            sqlx::query_as("SELECT written_seq, written_by_user FROM conversations ORDER BY 1")
                .fetch_all(&mut database)
                .await
                .unwrap();
        assert_eq!(written, [(3, 2), (5, 3)]);
    }
}
