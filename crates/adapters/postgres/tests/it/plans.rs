//! Which indexes the statements of the store use, as the server counts it.

use std::time::{Duration, Instant};

use vestibule_domain::{
    AccountId, Dossier, MessageId, NewMessage, PasswordHash, Role,
    conversation::{ClientId, MessageText, Side},
    dossier::{Detail, Field, ReviewState, Value, Verdict},
};
use vestibule_ports::{AccountFilter, Appended, MessageRange, PageRequest, QueueFilter, QueuePage, QueuePlace, Store};
use vestibule_postgres::PostgresStore;
use vestibule_testkit::{AccountBuilder, FixedClock};

use crate::database::Database;

/// Fifteen hundred accounts of the usual cost and three of a higher one.
async fn filled() -> Database {
    let database = Database::migrated().await;
    let store = database.store();
    let mut unit = store.write().await.unwrap();
    for number in 0..1_500 {
        let cost = if number % 500 == 250 { 13 } else { 12 };
        let hash = PasswordHash::new(format!("$2b${cost}$hash"));
        unit.accounts().insert(&AccountBuilder::numbered(number).password(Some(hash)).build()).await.unwrap();
    }
    unit.commit().await.unwrap();
    store.close().await;
    database
}

/// How often the index of costs was used, and how often all accounts were read, by stores that are closed.
async fn scans(database: &Database) -> (i64, i64) {
    scans_of(database, "accounts", "accounts_hash_cost_idx").await
}

/// The same of another index and its table.
pub(crate) async fn scans_of(database: &Database, table: &str, index: &str) -> (i64, i64) {
    // A connection tells what it did when it ends.
    let connected = "SELECT count(*) FROM pg_stat_activity \
                     WHERE datname = current_database() AND application_name = 'vestibule'";
    let began = Instant::now();
    while database.number(connected).await > 0 {
        assert!(began.elapsed() < Duration::from_secs(10), "connections of a closed store are still open");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let of_index = format!("SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = '{index}'");
    let of_table = format!("SELECT seq_scan FROM pg_stat_user_tables WHERE relname = '{table}'");
    (database.number(&of_index).await, database.number(&of_table).await)
}

#[tokio::test]
async fn dear_hashes_are_listed_and_counted_by_their_index() {
    let database = filled().await;
    database.execute("ANALYZE accounts").await;
    for is_list in [true, false] {
        for (above, role, expected) in [(12, None, 3), (12, Some(Role::User), 3), (13, None, 0)] {
            let filter = AccountFilter { role, hash_cost_above: Some(above) };
            let before = scans(&database).await;
            let store = database.store();
            let found = if is_list {
                let page = PageRequest { after: None, limit: 100 };
                store.read().accounts().list(filter, page).await.unwrap().items.len() as u64
            } else {
                store.read().accounts().count(filter).await.unwrap()
            };
            store.close().await;
            let after = scans(&database).await;
            assert_eq!(found, expected);
            assert!(after.0 > before.0 && after.1 == before.1, "list: {is_list}, {filter:?}: {before:?}, {after:?}");
        }
    }
}

/// Three conversations of thousands of messages each; of one the account's id is given.
async fn long_conversations(database: &Database) -> AccountId {
    let store = database.store();
    let mut unit = store.write().await.unwrap();
    let accounts = [1, 2, 3].map(|number| AccountBuilder::numbered(number).build());
    for account in &accounts {
        unit.accounts().insert(account).await.unwrap();
    }
    unit.commit().await.unwrap();
    store.close().await;
    database
        .execute(
            "INSERT INTO conversations (account_id, written_seq, written_by_user) SELECT id, 4000, 4000 FROM accounts;
            INSERT INTO messages (conversation_id, seq, by_user, id, side, author, client_id, created_at, text)
            SELECT c.id, seq, seq, account_id, 'user', account_id, 'id ' || seq, now(), 'text'
            FROM generate_series(1, 4000) seq, conversations c;
            ANALYZE conversations, messages",
        )
        .await;
    accounts[1].id()
}

#[tokio::test]
async fn of_a_long_conversation_only_the_messages_that_are_given_are_read() {
    let database = Database::migrated().await;
    let account = long_conversations(&database).await;
    let fetched = "SELECT idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'messages'";
    let scanned = "SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'messages'";
    let range = |after, before| MessageRange { after, before, limit: 100 };
    let ranges = [range(None, None), range(None, Some(2_000)), range(Some(0), None), range(Some(1_000), Some(3_000))];
    for step in 0..ranges.len() + 4 {
        scans(&database).await;
        let before = (database.number(fetched).await, database.number(scanned).await);
        let store = database.store();
        // Often enough for the server to settle on a plan for any argument.
        for _ in 0..8 {
            if let Some(range) = ranges.get(step) {
                assert_eq!(store.read().conversations().messages(account, *range).await.unwrap().len(), 100);
            } else if step == ranges.len() {
                store.conversations().mark_read(account, Side::Staff, 3_000).await.unwrap();
            } else if step == ranges.len() + 1 {
                let message = known(account);
                let appended = store.conversations().append(&message).await.unwrap();
                assert!(matches!(appended, Appended::Known(known) if known.seq == 2_000));
            } else if step == ranges.len() + 2 {
                together(&store).await;
            } else {
                assert_eq!(store.read().conversations().find_many(&[account]).await.unwrap().len(), 1);
            }
        }
        store.close().await;
        scans(&database).await;
        let after = (database.number(fetched).await, database.number(scanned).await);
        let most = if step < ranges.len() {
            100
        } else if step == ranges.len() + 2 {
            40
        } else {
            2
        };
        assert!(after.0 - before.0 <= 8 * most, "step {step}: {before:?}, {after:?}");
        assert_eq!(after.1, before.1, "step {step}");
    }
}

/// Appends to all three conversations at once: messages whose client's id another has.
async fn together(store: &PostgresStore) {
    let ids = [1, 2, 3].map(|number| AccountBuilder::numbered(number).build().id());
    let messages: Vec<_> = ids.into_iter().cycle().take(12).map(known).collect();
    for appended in store.conversations().append_many(&messages).await {
        assert!(matches!(appended.unwrap(), Appended::Known(known) if known.seq == 2_000));
    }
}

/// A message whose client's id one has.
fn known(account: AccountId) -> NewMessage {
    NewMessage {
        id: MessageId::new(FixedClock::START, [1; 6]),
        conversation: account,
        side: Side::User,
        author: account,
        text: MessageText::parse("text").unwrap(),
        client_id: Some(ClientId::parse("id 2000").unwrap()),
        display_time: None,
        created_at: FixedClock::START,
    }
}

const LEASE: Duration = Duration::from_mins(30);

fn reviewer() -> AccountId {
    AccountId::new(FixedClock::START, [0xFF; 6])
}

/// Fifteen hundred dossiers: of every hundred one waits, one is held, and the others are accepted.
async fn with_dossiers() -> Database {
    let database = Database::migrated().await;
    let store = database.store();
    let (by, now) = (reviewer(), FixedClock::START);
    let mut unit = store.write().await.unwrap();
    for number in 0..1_500 {
        let account = AccountBuilder::numbered(number).build();
        unit.accounts().insert(&account).await.unwrap();
        let mut dossier = Dossier::empty(account.id());
        dossier.values.set(Field::City, Value::Text(Detail::parse("Paris").unwrap())).unwrap();
        dossier.submit(&[], now - Duration::from_secs(number.into())).unwrap();
        if number % 100 != 0 {
            dossier.hold(by, now, now + LEASE).unwrap();
        }
        if number % 100 > 1 {
            dossier.set_verdicts(by, now, [(Field::City, Some(Verdict::Accepted))].into()).unwrap();
            dossier.accept(by, now, false).unwrap();
        }
        unit.dossiers().replace(&dossier).await.unwrap();
    }
    unit.commit().await.unwrap();
    store.close().await;
    database.execute("ANALYZE dossiers").await;
    database
}

#[tokio::test]
async fn the_queue_is_read_by_its_indexes() {
    let database = with_dossiers().await;
    let cases = [
        (QueueFilter::Open, "dossiers_queue_idx", 30),
        (QueueFilter::Waiting, "dossiers_queue_idx", 15),
        (QueueFilter::HeldBy(reviewer()), "dossiers_held_by_idx", 15),
        (QueueFilter::In(ReviewState::Accepted), "dossiers_review_state_idx", 1_470),
    ];
    for (filter, index, expected) in cases {
        let before = scans_of(&database, "dossiers", index).await;
        let store = database.store();
        // More than five times, after which the server may plan for any argument.
        let (mut found, mut after) = (0, None);
        loop {
            let limit = expected / 8;
            let page = store.read().dossiers().queue(filter, QueuePage { after, limit }).await.unwrap();
            after = page.items.last().and_then(QueuePlace::of);
            found += u32::try_from(page.items.len()).unwrap();
            if !page.has_more {
                break;
            }
        }
        store.close().await;
        let used = scans_of(&database, "dossiers", index).await;
        assert_eq!(found, expected);
        assert!(used.0 >= before.0 + 8 && used.1 == before.1, "{filter:?}: {before:?}, {used:?}");
    }
}

#[tokio::test]
async fn the_next_dossier_is_found_by_the_index_of_the_queue() {
    let database = with_dossiers().await;
    let before = scans_of(&database, "dossiers", "dossiers_queue_idx").await;
    let store = database.store();
    let next = AccountId::new(FixedClock::START, [0xFE; 6]);
    let mut unit = store.write().await.unwrap();
    for _ in 0..15 {
        let (now, until) = (FixedClock::START, FixedClock::START + LEASE);
        assert!(unit.dossiers().take_next(next, now, until).await.unwrap().is_some());
    }
    unit.commit().await.unwrap();
    store.close().await;
    let used = scans_of(&database, "dossiers", "dossiers_queue_idx").await;
    assert!(used.0 >= before.0 + 15 && used.1 == before.1, "{before:?}, {used:?}");
}
