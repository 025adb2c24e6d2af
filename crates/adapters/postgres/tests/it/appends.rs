//! Appends to a conversation whose connection breaks, and what they cost.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
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

/// Appends all at once; what each comes to.
async fn together(store: &PostgresStore, messages: &[NewMessage]) -> Vec<Result<Appended, StoreError>> {
    join_all(messages.iter().map(|message| store.conversations().append(message))).await
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
async fn appends_that_wait_for_others_share_their_statements() {
    let database = Database::migrated().await;
    let store = PostgresStore::connect_lazy(&database.url(), options()).unwrap();
    let mut messages: Vec<_> = accounts(&store, 40).await.into_iter().map(|account| message(account, None)).collect();
    for message in messages.iter_mut().step_by(2) {
        message.client_id = Some(ClientId::parse("a").unwrap());
        message.side = Side::Staff;
    }
    let appending = async {
        for (appended, message) in together(&store, &messages).await.iter().zip(&messages) {
            assert_stored(appended, message, 1);
        }
    };
    // One of four connections sends: the first message, then what has come meanwhile, 32 at most.
    assert_eq!(statements(appending).await, 3);
    for message in &messages {
        let range = MessageRange { after: None, before: None, limit: 10 };
        let read = store.read().conversations().messages(message.conversation, range).await.unwrap();
        assert_eq!(read, [message.clone().numbered(1)]);
        let conversation = store.read().conversations().find(message.conversation).await.unwrap().unwrap();
        assert_eq!(conversation.written, Tally { seq: 1, by_user: u64::from(message.side == Side::User) });
    }
}

#[tokio::test]
async fn appends_of_one_conversation_do_not_share_a_statement() {
    let database = Database::migrated().await;
    let store = PostgresStore::connect_lazy(&database.url(), options()).unwrap();
    let account = insert(&store, 1).await.id();
    let mut numbers: Vec<_> = together(&store, &vec![message(account, None); 20])
        .await
        .into_iter()
        .map(|appended| match appended {
            Ok(Appended::Stored(message, conversation)) => {
                assert_eq!(conversation.last_seq(), message.seq);
                message.seq
            }
            other => panic!("{other:?}"),
        })
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_append_that_cannot_be_stored_takes_no_other_down() {
    let database = Database::migrated().await;
    let store = PostgresStore::connect_lazy(&database.url(), options()).unwrap();
    let accounts = accounts(&store, 10).await;
    let first = message(accounts[9], Some("a"));
    store.conversations().append(&first).await.unwrap();
    let nobody = AccountBuilder::numbered(99).build().id();
    for others in [[message(nobody, None)], [message(nobody, Some("a"))]] {
        let again = NewMessage { id: MessageId::new(FixedClock::START, [2; 6]), ..first.clone() };
        let plain = accounts[..9].iter().map(|account| message(*account, None));
        let messages: Vec<_> = plain.chain(others).chain([again]).collect();
        let appended = together(&store, &messages).await;
        for (appended, message) in appended.iter().zip(&messages).take(9) {
            assert!(matches!(appended, Ok(Appended::Stored(stored, _)) if stored.sent == *message), "{appended:?}");
        }
        assert!(matches!(appended[9], Ok(Appended::NoAccount)), "{:?}", appended[9]);
        assert!(matches!(&appended[10], Ok(Appended::Known(known)) if *known == first.clone().numbered(1)));
    }
    assert_eq!(database.number("SELECT count(*) FROM messages").await, 2 * 9 + 1);
}

#[tokio::test]
async fn a_cancelled_append_takes_no_other_down() {
    let database = Database::migrated().await;
    let store = PostgresStore::connect_lazy(&database.url(), options()).unwrap();
    let accounts = accounts(&store, 30).await;
    for after in 0..4 {
        let appends: Vec<_> = accounts.iter().map(|account| spawn(&store, &message(*account, None))).collect();
        for _ in 0..after {
            tokio::task::yield_now().await;
        }
        for (number, append) in appends.into_iter().enumerate() {
            if number % 3 == 0 {
                append.abort();
            } else {
                assert!(matches!(append.await.unwrap(), Ok(Appended::Stored(..))));
            }
        }
    }
    assert!(database.number("SELECT count(*) FROM messages").await >= 4 * 20);
    let uneven = "SELECT count(*) FROM conversations c WHERE written_seq <> \
                  (SELECT count(*) FROM messages m WHERE m.account_id = c.account_id)";
    assert_eq!(database.number(uneven).await, 0);
}

/// Appends three messages on either of two connections, alone and together, so that both statements are known there.
async fn warm_up(store: &PostgresStore, messages: &[NewMessage]) {
    for _ in 0..2 {
        let (one, other) = (store.write().await.unwrap(), store.write().await.unwrap());
        one.commit().await.unwrap();
        for appended in together(store, messages).await {
            appended.unwrap();
        }
        other.commit().await.unwrap();
    }
}

#[tokio::test]
async fn of_appends_whose_common_answer_is_lost_only_those_with_a_clients_id_are_tried_again() {
    let database = Database::migrated().await;
    let accounts = accounts(&database.store(), 3).await;
    let proxy = Proxy::to(&database.url()).await;
    let options = PostgresOptions { max_connections: 2, ..options() };
    let store = PostgresStore::connect_lazy(&proxy.url(&database.url()), options).unwrap();
    let plain: Vec<_> = accounts.iter().map(|account| message(*account, None)).collect();
    warm_up(&store, &plain).await;
    let named = message(accounts[2], Some("a"));
    let silence = proxy.mute();
    let first = spawn(&store, &plain[0]);
    until_stored(&database, 7).await;
    let (lost, found) = (spawn(&store, &plain[1]), spawn(&store, &named));
    tokio::task::yield_now().await;
    first.abort();
    until_stored(&database, 9).await;
    assert!(!lost.is_finished() && !found.is_finished());
    drop(silence);
    let lost = lost.await.unwrap();
    assert!(is_unavailable(&lost), "{lost:?}");
    assert_stored(&found.await.unwrap(), &named, 3);
    assert_eq!(database.number("SELECT count(*) FROM messages").await, 9);
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
