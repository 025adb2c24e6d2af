//! Appends to a conversation whose connection breaks, and what they cost.

use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tracing_subscriber::filter::LevelFilter;
use vestibule_domain::{
    AccountId, MessageId, NewMessage,
    conversation::{ClientId, MessageText, Side, Tally},
};
use vestibule_ports::{Appended, MessageRange, Store, StoreError};
use vestibule_postgres::{Ages, PostgresOptions, PostgresStore};
use vestibule_testkit::{AccountBuilder, FixedClock, Lines};

use crate::{
    database::{Database, connect},
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
        // The connection has prepared the statement: the next time it is sent at once.
        store.conversations().append(&message(account, None)).await.unwrap();
        let sent = message(account, client_id);
        let silence = proxy.mute();
        let append = spawn(&store, &sent);
        until_stored(&database, seq).await;
        assert!(!append.is_finished());
        drop(silence);
        let appended = append.await.unwrap();
        if client_id.is_some() {
            // It is its own message, not a twin's.
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

/// The statements about conversations that some work sends; not those that a connection begins with.
async fn statements(work: impl Future) -> usize {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(LevelFilter::DEBUG).with_writer(move || writer.clone());
    let guard = tracing::subscriber::set_default(subscriber.finish());
    work.await;
    drop(guard);
    lines.text().split("sqlx::query").skip(1).filter(|logged| logged.contains("conversations")).count()
}

async fn accounts(store: &PostgresStore, count: u32) -> Vec<AccountId> {
    let mut accounts = Vec::new();
    for number in 1..=count {
        accounts.push(insert(store, number).await.id());
    }
    accounts
}

fn assert_stored(appended: &Result<Appended, StoreError>, message: &NewMessage, seq: u64) {
    let stored = message.clone().numbered(seq);
    assert!(matches!(appended, Ok(Appended::Stored(message, _)) if *message == stored), "{appended:?}");
}

#[tokio::test]
async fn appends_of_many_conversations_at_once_take_one_statement() {
    let database = Database::migrated().await;
    let store = PostgresStore::connect_lazy(&database.url(), options()).unwrap();
    let mut messages: Vec<_> = accounts(&store, 40).await.into_iter().map(|account| message(account, None)).collect();
    for message in messages.iter_mut().step_by(2) {
        message.client_id = Some(ClientId::parse("a").unwrap());
        message.side = Side::Staff;
    }
    let appending = async {
        for (appended, message) in store.conversations().append_many(&messages).await.iter().zip(&messages) {
            assert_stored(appended, message, 1);
        }
    };
    assert_eq!(statements(appending).await, 1);
    for message in &messages {
        let range = MessageRange { after: None, before: None, limit: 10 };
        let read = store.read().conversations().messages(message.conversation, range).await.unwrap();
        assert_eq!(read, [message.clone().numbered(1)]);
        let conversation = store.read().conversations().find(message.conversation).await.unwrap().unwrap();
        assert_eq!(conversation.written, Tally { seq: 1, by_user: u64::from(message.side == Side::User) });
    }
}

#[tokio::test]
async fn appends_of_one_conversation_at_once_take_a_statement_each() {
    let database = Database::migrated().await;
    let store = PostgresStore::connect_lazy(&database.url(), options()).unwrap();
    let accounts = accounts(&store, 2).await;
    let messages = [0, 1, 0, 0].map(|account| message(accounts[account], None));
    let appending = async {
        for (appended, (message, seq)) in
            store.conversations().append_many(&messages).await.iter().zip(messages.iter().zip([1, 1, 2, 3]))
        {
            assert_stored(appended, message, seq);
        }
    };
    assert_eq!(statements(appending).await, 3);
}

#[tokio::test]
async fn of_appends_that_are_refused_together_each_is_tried_alone() {
    let database = Database::migrated().await;
    let store = PostgresStore::connect_lazy(&database.url(), options()).unwrap();
    let accounts = accounts(&store, 3).await;
    read_on_every_connection(&store).await;
    let nobody = AccountBuilder::numbered(99).build().id();
    let messages = [accounts[0], nobody, accounts[1], accounts[2]].map(|account| message(account, None));
    let appending = async {
        let appended = store.conversations().append_many(&messages).await;
        assert!(matches!(appended[1], Ok(Appended::NoAccount)), "{appended:?}");
        for place in [0, 2, 3] {
            assert_stored(&appended[place], &messages[place], 1);
        }
    };
    assert_eq!(statements(appending).await, 1 + 4);
    // A lock that is not available in time delays only its own conversation.
    let options = PostgresOptions { lock_timeout: Duration::from_millis(200), ..options() };
    let store = PostgresStore::connect_lazy(&database.url(), options).unwrap();
    let mut holder = connect(&database.url()).await;
    sqlx::raw_sql("BEGIN; SELECT FROM conversations ORDER BY account_id LIMIT 1 FOR UPDATE")
        .execute(&mut holder)
        .await
        .unwrap();
    let appended = store.conversations().append_many(&messages).await;
    assert!(matches!(appended[0], Err(StoreError::Busy(_))), "{appended:?}");
    for place in [2, 3] {
        assert_stored(&appended[place], &messages[place], 2);
    }
}

#[tokio::test]
async fn of_appends_whose_common_answer_is_lost_only_those_with_a_clients_id_are_tried_again() {
    let database = Database::migrated().await;
    let accounts = accounts(&database.store(), 3).await;
    let proxy = Proxy::to(&database.url()).await;
    let options = PostgresOptions { max_connections: 1, ..options() };
    let store = PostgresStore::connect_lazy(&proxy.url(&database.url()), options).unwrap();
    let mut messages: Vec<_> = accounts.iter().map(|account| message(*account, None)).collect();
    // The connection has prepared the statement: the next time it is sent at once.
    store.conversations().append_many(&messages).await;
    messages[2] = message(accounts[2], Some("a"));
    let silence = proxy.mute();
    let appends = tokio::spawn({
        let (store, messages) = (store.clone(), messages.clone());
        async move { store.conversations().append_many(&messages).await }
    });
    until_stored(&database, 6).await;
    assert!(!appends.is_finished());
    drop(silence);
    let appended = appends.await.unwrap();
    assert!(appended[..2].iter().all(is_unavailable), "{appended:?}");
    assert_stored(&appended[2], &messages[2], 2);
    assert_eq!(database.number("SELECT count(*) FROM messages").await, 6);
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
