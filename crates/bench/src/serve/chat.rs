//! The bare routes of a chat: one that commits a row for each message, and two that hand messages on to those who follow, after
//! they were committed if there is a database.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::CONTENT_TYPE,
    web::{Bytes, Data, Json, Path},
};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use sqlx::{
    ConnectOptions, PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use time::{Duration, OffsetDateTime};
use tokio::sync::broadcast;
use vestibule_domain::{AccountId, MessageId};

use super::{State, bearer, profile::timestamp};
use crate::Failure;

/// As many connections as the server has.
const POSTGRES_CONNECTIONS: u32 = 16;
/// The most messages that wait for one reader.
const WAITING: usize = 16;

/// The columns and the keys of the server's messages.
const TABLE: &str = "DROP TABLE IF EXISTS bench_messages; CREATE TABLE bench_messages (account_id {uuid} NOT NULL, seq bigint NOT NULL, \
     by_user bigint NOT NULL, id {uuid} NOT NULL, side text NOT NULL, author {uuid} NOT NULL, client_id text, \
     display_time text, created_at {time} NOT NULL, text text NOT NULL, PRIMARY KEY (account_id, seq)){tail}; \
     CREATE UNIQUE INDEX bench_messages_client_id_key ON bench_messages (account_id, side, client_id) \
     WHERE client_id IS NOT NULL";
/// Both databases take `$1`.
const INSERT: &str = "INSERT INTO bench_messages (account_id, seq, by_user, id, side, author, client_id, display_time, \
     created_at, text) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

/// Where messages are kept.
pub(super) enum Messages {
    Postgres(PgPool),
    Sqlite(SqlitePool),
    Nowhere,
}

/// What the bare chat works with.
pub(super) struct Chat {
    messages: Messages,
    /// The number of the next message of any conversation.
    next: AtomicI64,
    readers: Mutex<HashMap<String, broadcast::Sender<Bytes>>>,
}

/// What is sent, in the server's form.
#[derive(Deserialize)]
pub(super) struct Written {
    #[serde(rename = "userId")]
    user: String,
    #[serde(rename = "userChats")]
    text: String,
    time: Option<String>,
    #[serde(rename = "clientId")]
    client_id: Option<String>,
}

/// The answer to a message that is handed on.
#[derive(Serialize)]
struct Accepted {
    success: bool,
}

/// The answer to a message, with the one entry that is known without a look at the database.
#[derive(Serialize)]
struct Sent<'a> {
    success: bool,
    message: &'static str,
    chats: [Entry<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    #[serde(rename = "_id")]
    id: String,
    seq: i64,
    user_id: &'a str,
    user_chats: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<&'a str>,
    created_at: String,
}

impl Messages {
    pub(super) async fn postgres(url: &str) -> Result<Self, Failure> {
        let options: PgConnectOptions = url.parse()?;
        let pool = PgPoolOptions::new().max_connections(POSTGRES_CONNECTIONS).test_before_acquire(false);
        let table = TABLE.replace("{uuid}", "uuid").replace("{time}", "timestamptz").replace("{tail}", "");
        // Not through the pool, whose connections are made by the threads that need them.
        let mut first = options.connect().await?;
        sqlx::raw_sql(sqlx::AssertSqlSafe(table)).execute(&mut first).await?;
        Ok(Self::Postgres(pool.connect_lazy_with(options.disable_statement_logging())))
    }

    /// One connection that writes, with the settings of the server's, in a file beside the server's.
    pub(super) async fn sqlite(url: &str) -> Result<Self, Failure> {
        let options: SqliteConnectOptions = format!("{url}.bench").parse()?;
        let options = options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .disable_statement_logging();
        let pool = SqlitePoolOptions::new().max_connections(1).test_before_acquire(false);
        let pool = pool.connect_with(options).await?;
        let table = TABLE.replace("{uuid}", "blob").replace("{time}", "integer").replace("{tail}", " WITHOUT ROWID");
        sqlx::raw_sql(sqlx::AssertSqlSafe(table)).execute(&pool).await?;
        Ok(Self::Sqlite(pool))
    }
}

impl Chat {
    pub(super) fn new(messages: Messages) -> Self {
        Self { messages, next: AtomicI64::new(1), readers: Mutex::default() }
    }

    /// Commits a message by itself; its answer.
    async fn commit(&self, account: AccountId, written: &Written) -> Result<HttpResponse, Failure> {
        let seq = self.next.fetch_add(1, Ordering::Relaxed);
        let created_at = OffsetDateTime::UNIX_EPOCH + Duration::seconds(seq);
        let id = MessageId::new(created_at, [0; 6]);
        match &self.messages {
            Messages::Postgres(pool) => {
                let query = sqlx::query(INSERT).bind(account.uuid()).bind(seq).bind(seq).bind(id.uuid()).bind("user");
                let query = query.bind(account.uuid()).bind(&written.client_id).bind(&written.time);
                query.bind(created_at).bind(&written.text).execute(pool).await?;
            }
            Messages::Sqlite(pool) => {
                let query = sqlx::query(INSERT).bind(account.uuid()).bind(seq).bind(seq).bind(id.uuid()).bind("user");
                let query = query.bind(account.uuid()).bind(&written.client_id).bind(&written.time);
                query.bind(created_at.unix_timestamp() * 1_000_000).bind(&written.text).execute(pool).await?;
            }
            Messages::Nowhere => return Err("there is no database".into()),
        }
        let entry = Entry {
            id: id.hex(),
            seq,
            user_id: &written.user,
            user_chats: &written.text,
            time: written.time.as_deref(),
            created_at: timestamp(created_at),
        };
        Ok(HttpResponse::Ok().json(Sent { success: true, message: "Message sent", chats: [entry] }))
    }

    fn readers(&self, id: &str) -> broadcast::Sender<Bytes> {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        readers.entry(id.to_owned()).or_insert_with(|| broadcast::channel(WAITING).0).clone()
    }
}

/// `PUT /user/user_chat/{id}`
pub(super) async fn commit(
    request: HttpRequest,
    state: Data<State>,
    id: Path<String>,
    written: Json<Written>,
) -> HttpResponse {
    if !is_signed_in(&request, &state) {
        return HttpResponse::Unauthorized().finish();
    }
    let Ok(account) = AccountId::from_hex(&id) else { return HttpResponse::NotFound().finish() };
    let sent = state.chat.commit(account, &written).await;
    sent.unwrap_or_else(|_| HttpResponse::InternalServerError().finish())
}

/// `PUT /broadcast/{id}`
pub(super) async fn broadcast(
    request: HttpRequest,
    state: Data<State>,
    id: Path<String>,
    written: Json<Written>,
) -> HttpResponse {
    if !is_signed_in(&request, &state) {
        return HttpResponse::Unauthorized().finish();
    }
    if !matches!(state.chat.messages, Messages::Nowhere) {
        let Ok(account) = AccountId::from_hex(&id) else { return HttpResponse::NotFound().finish() };
        if state.chat.commit(account, &written).await.is_err() {
            return HttpResponse::InternalServerError().finish();
        }
    }
    let seq = state.chat.next.fetch_add(1, Ordering::Relaxed);
    let Ok(data) = serde_json::to_string(&written.text) else { return HttpResponse::InternalServerError().finish() };
    // Without a reader it goes nowhere.
    let _ = state.chat.readers(&id).send(format!("id: {seq}\nevent: message\ndata: {data}\n\n").into());
    HttpResponse::Ok().json(Accepted { success: true })
}

/// `GET /broadcast/{id}`
pub(super) async fn follow(request: HttpRequest, state: Data<State>, id: Path<String>) -> HttpResponse {
    if !is_signed_in(&request, &state) {
        return HttpResponse::Unauthorized().finish();
    }
    let began = (state.chat.readers(&id).subscribe(), false);
    let events = stream::unfold(began, |(mut reader, begun)| async move {
        let piece = if begun { reader.recv().await.ok()? } else { Bytes::from_static(b"retry: 2000\n\n") };
        Some((Ok::<_, actix_web::Error>(piece), (reader, true)))
    });
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/event-stream")).streaming(events)
}

fn is_signed_in(request: &HttpRequest, state: &State) -> bool {
    bearer(request).and_then(|token| state.verifier.verify(token)).is_some()
}
