//! Appends to a conversation whose connection breaks, and what they cost.

use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tracing_subscriber::filter::LevelFilter;
use vestibule_domain::{
    AccountId, MessageId, NewMessage,
    conversation::{ClientId, MessageText, Side},
};
use vestibule_ports::{Appended, Store, StoreError};
use vestibule_postgres::{Ages, PostgresOptions, PostgresStore};
use vestibule_testkit::{FixedClock, Lines};

use crate::{
    database::Database,
    proxy::Proxy,
    support::{CONNECTIONS, insert, is_unavailable, options, read_on_every_connection},
};

fn message(conversation: AccountId, client_id: Option<&str>) -> NewMessage {
    NewMessage {
        id: MessageId::new(FixedClock::START, [1; 6]),
        conversation,
        side: Side::User,
        author: conversation,
        text: MessageText::parse("text").unwrap(),
        client_id: client_id.map(|id| ClientId::parse(id).unwrap()),
        display_time: None,
        created_at: FixedClock::START,
    }
}

fn spawn(store: &PostgresStore, message: &NewMessage) -> JoinHandle<Result<Appended, StoreError>> {
    let (store, message) = (store.clone(), message.clone());
    tokio::spawn(async move { store.conversations().append(&message).await })
}

async fn until_stored(database: &Database, messages: i64) {
    let began = Instant::now();
    while database.number("SELECT count(*) FROM messages").await < messages {
        assert!(began.elapsed() < Duration::from_secs(10), "nothing was stored");
    }
}

#[tokio::test]
async fn an_append_whose_answer_is_lost_is_tried_again_only_with_a_clients_id() {
    let database = Database::migrated().await;
    let account = insert(&database.store(), 1).await.id();
    let proxy = Proxy::to(&database.url()).await;
    let options = PostgresOptions { max_connections: 1, ..options() };
    let store = PostgresStore::connect_lazy(&proxy.url(&database.url()), options).unwrap();
    for (seq, client_id) in [(2, None), (4, Some("a"))] {
        // The statement is known to the one connection: the next time it goes out at once.
        store.conversations().append(&message(account, None)).await.unwrap();
        let sent = message(account, client_id);
        let silence = proxy.mute();
        let append = spawn(&store, &sent);
        until_stored(&database, seq).await;
        assert!(!append.is_finished());
        drop(silence);
        let appended = append.await.unwrap();
        if client_id.is_some() {
            // It is its own, not that of a twin.
            assert!(
                matches!(&appended, Ok(Appended::Stored(message, _)) if *message == sent.numbered(seq.unsigned_abs())),
                "{appended:?}"
            );
        } else {
            assert!(is_unavailable(&appended), "{appended:?}");
        }
        assert_eq!(database.number("SELECT count(*) FROM messages").await, seq);
    }
}

#[tokio::test]
async fn an_append_that_the_server_refuses_is_tried_again_in_any_case() {
    let database = Database::migrated().await;
    let account = insert(&database.store(), 1).await.id();
    let store = PostgresStore::connect_lazy(&database.url(), options()).unwrap();
    let end_all = "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid, 5000)) FROM pg_stat_activity \
                   WHERE datname = current_database() AND application_name = 'vestibule'";
    for (seq, client_id) in [(1, None), (2, Some("a")), (3, None)] {
        read_on_every_connection(&store).await;
        assert!(database.number(end_all).await >= CONNECTIONS.into());
        let sent = message(account, client_id);
        let appended = store.conversations().append(&sent).await.unwrap();
        assert!(matches!(&appended, Appended::Stored(message, _) if *message == sent.numbered(seq)), "{appended:?}");
    }
}

#[tokio::test]
async fn an_append_that_meets_a_server_without_writes_looks_for_another() {
    let database = Database::migrated().await;
    let account = insert(&database.store(), 1).await.id();
    database.fence(true).await;
    let ages = Ages { read_only: Duration::from_mins(1), ..Ages::default() };
    let store = PostgresStore::connect_lazy_aging(&database.url(), options(), ages).unwrap();
    read_on_every_connection(&store).await;
    assert!(is_unavailable(&store.conversations().append(&message(account, None)).await));
    database.fence(false).await;
    tokio::time::sleep(Duration::from_millis(120)).await;
    for seq in 1..=2 {
        let appended = store.conversations().append(&message(account, None)).await.unwrap();
        assert!(matches!(&appended, Appended::Stored(message, _) if message.seq == seq), "{appended:?}");
    }
}

/// The statements that some work sends.
async fn statements(work: impl Future) -> usize {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(LevelFilter::DEBUG).with_writer(move || writer.clone());
    let guard = tracing::subscriber::set_default(subscriber.finish());
    work.await;
    drop(guard);
    lines.text().matches("sqlx::query").count()
}

#[tokio::test]
async fn appends_and_moves_of_a_cursor_take_one_statement() {
    let database = Database::migrated().await;
    let store = database.store();
    let account = insert(&store, 1).await.id();
    let (plain, named) = (message(account, None), message(account, Some("a")));
    let append = |message| {
        let conversations = store.conversations();
        async move { conversations.append(message).await.unwrap() }
    };
    assert_eq!(statements(append(&plain)).await, 1);
    assert_eq!(statements(append(&plain)).await, 1);
    assert_eq!(statements(append(&named)).await, 1);
    assert_eq!(statements(append(&named)).await, 2);
    for to in [2, 2] {
        let moved = statements(async { store.conversations().mark_read(account, Side::Staff, to).await.unwrap() });
        assert_eq!(moved.await, 1);
    }
}
