//! Connections that lead to a server that takes no writes, and connections that all break.

use std::{
    error::Error,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use vestibule_domain::{SessionId, TokenUse};
use vestibule_ports::{Advance, Store, StoreError};
use vestibule_postgres::{Ages, PostgresOptions, PostgresStore};
use vestibule_testkit::{AccountBuilder, FixedClock, PostgresCluster};

use crate::{
    database::{Database, connect, execute},
    proxy::Proxy,
    support::{CONNECTIONS, exists, insert, is_unavailable, options, read_on_every_connection, store_on, until_open},
};

async fn advance(store: &PostgresStore) -> Result<(), StoreError> {
    let token_use = TokenUse { at: FixedClock::START, key: None };
    let session = SessionId::new(FixedClock::START, [1; 6]);
    store.sessions().advance(&[Advance { session, counter: 0, token_use }]).await.map(drop)
}

/// A store with connections that do not grow too old for a test.
fn store_at(url: &str) -> PostgresStore {
    let ages = Ages { read_only: Duration::from_mins(1), ..Ages::default() };
    PostgresStore::connect_lazy_aging(url, options(), ages).unwrap()
}

/// Waits until a failed look no longer counts.
async fn until_looked_for_again() {
    tokio::time::sleep(Duration::from_millis(120)).await;
}

/// Nothing can be written, and the operator is told why; reads go on.
async fn assert_read_only(store: &PostgresStore) {
    assert!(is_unavailable(&store.write().await));
    assert!(is_unavailable(&advance(store).await));
    assert!(is_unavailable(&store.migrate().await));
    let pinged = store.ping().await.unwrap_err();
    let why = pinged.source().map(ToString::to_string).unwrap_or_default();
    assert!(why.contains("takes no writes"), "{pinged:?}");
    read_on_every_connection(store).await;
}

/// A store whose connections were opened while the database was fenced.
async fn opened_behind_the_fence(database: &Database) -> PostgresStore {
    database.fence(true).await;
    let store = store_at(&database.url());
    read_on_every_connection(&store).await;
    assert_eq!(store.pool_usage().open, CONNECTIONS);
    database.fence(false).await;
    store
}

/// Opens connections that can write, until they have written once.
async fn turn_read_only(database: &Database, store: &PostgresStore, connections: u32) {
    database
        .execute(
            "CREATE FUNCTION turn_read_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                PERFORM set_config('default_transaction_read_only', 'on', false);
                RETURN NEW;
            END $$;
            CREATE TRIGGER turn_read_only BEFORE INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION turn_read_only()",
        )
        .await;
    let mut units = Vec::new();
    for number in 0..connections {
        let mut unit = store.write().await.unwrap();
        unit.accounts().insert(&AccountBuilder::numbered(100 + number).build()).await.unwrap();
        units.push(unit);
    }
    for unit in units {
        unit.commit().await.unwrap();
    }
    database.execute("DROP TRIGGER turn_read_only ON accounts; DROP FUNCTION turn_read_only").await;
    assert_eq!(store.pool_usage().idle, connections);
}

#[tokio::test]
async fn connections_opened_while_nothing_could_be_written_give_way_to_a_fresh_one() {
    let database = Database::migrated().await;
    insert(&database.store(), 1).await;

    let store = opened_behind_the_fence(&database).await;
    insert(&store, 2).await;
    until_open(&store, 1).await;

    let store = opened_behind_the_fence(&database).await;
    advance(&store).await.unwrap();
    until_open(&store, 1).await;

    let store = opened_behind_the_fence(&database).await;
    store.ping().await.unwrap();
    until_open(&store, 1).await;

    let store = opened_behind_the_fence(&database).await;
    store.migrate().await.unwrap();
    until_open(&store, 1).await;
}

#[tokio::test]
async fn connections_that_can_no_longer_write_give_way_to_a_fresh_one() {
    let database = Database::migrated().await;
    let store = store_at(&database.url());
    turn_read_only(&database, &store, CONNECTIONS).await;
    insert(&store, 1).await;
    until_open(&store, 1).await;
}

#[tokio::test]
async fn writes_that_meet_such_connections_at_once_all_succeed() {
    let database = Database::migrated().await;
    let store = store_at(&database.url());
    turn_read_only(&database, &store, CONNECTIONS).await;
    join_all((0..4 * CONNECTIONS).map(|number| insert(&store, number))).await;
    join_all((0..CONNECTIONS).map(|_| advance(&store))).await.into_iter().collect::<Result<(), _>>().unwrap();
}

#[tokio::test]
async fn while_nothing_can_be_written_reads_go_on_and_the_first_write_after_it_succeeds() {
    let database = Database::migrated().await;
    let store = store_at(&database.url());
    insert(&store, 1).await;
    for round in 0..2 {
        turn_read_only(&database, &store, CONNECTIONS).await;
        database.fence(true).await;
        assert_read_only(&store).await;
        // The connections are now those opened to the fenced server.
        assert_read_only(&store).await;
        database.fence(false).await;
        until_looked_for_again().await;
        if round == 0 {
            store.ping().await.unwrap();
        }
        insert(&store, 2).await;
        database.execute("DELETE FROM accounts WHERE email <> 'account-1@example.test'").await;
    }
}

#[tokio::test]
async fn a_server_that_takes_no_writes_is_not_flooded_with_connections_by_refused_writes() {
    let database = Database::migrated().await;
    database.fence(true).await;
    let proxy = Proxy::to(&database.url()).await;
    let store = store_at(&proxy.url(&database.url()));
    for refused in join_all((0..50).map(|_| store.write())).await {
        assert!(is_unavailable(&refused));
    }
    // Those of the pool, and those of the looks that began after a write began.
    assert!(proxy.opened() <= 3 * CONNECTIONS as usize, "{}", proxy.opened());
}

#[tokio::test]
async fn a_server_that_takes_no_writes_is_not_flooded_with_connections_by_writes_that_go_on() {
    let database = Database::migrated().await;
    database.fence(true).await;
    let proxy = Proxy::to(&database.url()).await;
    let store = store_at(&proxy.url(&database.url()));
    let (began, mut refused) = (Instant::now(), 0);
    while began.elapsed() < Duration::from_millis(500) {
        assert!(is_unavailable(&store.write().await));
        assert!(is_unavailable(&store.ping().await));
        refused += 2;
    }
    // Those of the pool, the first look, and one more each 100 ms.
    let most = u128::from(CONNECTIONS) + 1 + began.elapsed().as_millis() / 100;
    assert!(proxy.opened() as u128 <= most, "{} for {refused} refusals, of at most {most}", proxy.opened());
}

#[tokio::test]
async fn a_write_is_not_refused_for_a_connection_that_was_opened_while_it_waited() {
    let database = Database::migrated().await;
    let proxy = Proxy::to(&database.url()).await;
    let store = store_at(&proxy.url(&database.url()));
    turn_read_only(&database, &store, 1).await;
    let silence = proxy.silence();
    let meanwhile = async {
        database.fence(true).await;
        assert!(!exists(&store, 1).await);
        assert_eq!(proxy.opened(), 2);
        database.fence(false).await;
        silence.end();
    };
    tokio::join!(insert(&store, 1), meanwhile);
}

#[tokio::test]
async fn reads_follow_the_failover_without_a_write() {
    let database = Database::migrated().await;
    database.fence(true).await;
    let proxy = Proxy::to(&database.url()).await;
    let ages = Ages { read_only: Duration::ZERO, ..Ages::default() };
    let store = PostgresStore::connect_lazy_aging(&proxy.url(&database.url()), options(), ages).unwrap();
    for opened in 1..=3 {
        assert!(!exists(&store, 1).await);
        assert_eq!(proxy.opened(), opened);
    }
    database.fence(false).await;
    for _ in 0..3 {
        assert!(!exists(&store, 1).await);
        assert_eq!(proxy.opened(), 4);
    }
}

#[tokio::test]
async fn a_server_that_takes_no_writes_is_read_from_while_its_address_leads_nowhere() {
    let database = Database::migrated().await;
    insert(&database.store(), 1).await;
    database.fence(true).await;
    let proxy = Proxy::to(&database.url()).await;
    let ages = Ages { read_only: Duration::ZERO, ..Ages::default() };
    let store = PostgresStore::connect_lazy_aging(&proxy.url(&database.url()), options(), ages).unwrap();
    read_on_every_connection(&store).await;
    for answers in [true, false] {
        if answers {
            proxy.lead_to("postgres://127.0.0.1:1/nothing");
        } else {
            proxy.lead_nowhere();
        }
        let writes = join_all((0..2 * CONNECTIONS).map(|_| store.write()));
        let (refused, ()) = tokio::join!(writes, read_on_every_connection(&store));
        assert!(refused.iter().all(is_unavailable));
        for _ in 0..CONNECTIONS {
            assert!(is_unavailable(&store.ping().await));
            read_on_every_connection(&store).await;
        }
    }
    proxy.lead_to(&database.url());
    database.fence(false).await;
    until_looked_for_again().await;
    insert(&store, 2).await;
}

#[tokio::test]
async fn a_look_that_leads_nowhere_is_shared_and_given_up_in_time() {
    let database = Database::migrated().await;
    insert(&database.store(), 1).await;
    database.fence(true).await;
    let proxy = Proxy::to(&database.url()).await;
    let options = PostgresOptions { acquire_timeout: Duration::from_secs(4), ..options() };
    let ages = Ages { read_only: Duration::from_mins(1), ..Ages::default() };
    let store = PostgresStore::connect_lazy_aging(&proxy.url(&database.url()), options, ages).unwrap();
    read_on_every_connection(&store).await;
    proxy.lead_nowhere();
    let began = Instant::now();
    let refused = join_all((0..CONNECTIONS).map(|_| store.ping())).await;
    assert!(refused.iter().all(is_unavailable));
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert_eq!(proxy.opened(), CONNECTIONS as usize + 1);
}

#[tokio::test]
async fn connections_are_replaced_on_a_server_that_has_room_for_no_more() {
    let cluster = PostgresCluster::start();
    insert(&store_on(&cluster).await, 1).await;
    let order = |sql: &'static str| async { execute(&mut connect(cluster.url()).await, sql.to_owned()).await };
    order("CREATE ROLE limited LOGIN CONNECTION LIMIT 4").await;
    order("GRANT pg_read_all_data TO limited").await;
    let url = cluster.url().replace("postgres@", "limited@");
    for read_only in [Duration::ZERO, Duration::from_mins(1)] {
        order("ALTER ROLE limited SET default_transaction_read_only = on").await;
        let ages = Ages { read_only, ..Ages::default() };
        let store = PostgresStore::connect_lazy_aging(&url, options(), ages).unwrap();
        read_on_every_connection(&store).await;
        let sessions = async || {
            let pids = "SELECT array_agg(pid ORDER BY pid) FROM pg_stat_activity WHERE usename = 'limited'";
            sqlx::query_scalar::<_, Vec<i32>>(pids).fetch_one(&mut connect(cluster.url()).await).await.unwrap()
        };
        let before = sessions().await;
        read_on_every_connection(&store).await;
        assert_eq!(store.pool_usage().idle, CONNECTIONS);
        assert_eq!(sessions().await != before, read_only.is_zero());
        order("ALTER ROLE limited RESET default_transaction_read_only").await;
        store.ping().await.unwrap();
        store.close().await;
    }
}

#[tokio::test]
async fn fresh_connections_outlive_the_failures_of_old_ones() {
    let database = Database::migrated().await;
    let proxy = Proxy::to(&database.url()).await;
    let store = store_at(&proxy.url(&database.url()));
    let account = insert(&store, 1).await;
    let mut units = Vec::new();
    for _ in 0..CONNECTIONS {
        units.push(store.write().await.unwrap());
    }
    assert_eq!(proxy.opened(), CONNECTIONS as usize);
    proxy.sever().await;
    for mut unit in units {
        assert!(is_unavailable(&unit.accounts().find_for_update(account.id()).await));
        drop(unit);
        assert!(exists(&store, 1).await);
    }
    assert_eq!(proxy.opened(), CONNECTIONS as usize + 1);

    read_on_every_connection(&store).await;
    let before = proxy.opened();
    proxy.sever().await;
    read_on_every_connection(&store).await;
    read_on_every_connection(&store).await;
    insert(&store, 2).await;
    assert!(proxy.opened() <= before + CONNECTIONS as usize, "{} after {before}", proxy.opened());
}

#[tokio::test]
async fn what_a_session_knew_of_its_server_is_learned_anew_on_a_fresh_connection() {
    let database = Database::migrated().await;
    let proxy = Proxy::to(&database.url()).await;
    let options = PostgresOptions { max_connections: 1, ..PostgresOptions::default() };
    let store = PostgresStore::connect_lazy(&proxy.url(&database.url()), options).unwrap();
    insert(&store, 1).await;
    assert!(exists(&store, 1).await);
    assert_eq!(proxy.opened(), 1);

    // Another node migrates: the plan of the prepared statement must not change its result.
    database.execute("ALTER TABLE accounts ALTER COLUMN full_name TYPE varchar").await;
    assert!(exists(&store, 1).await);
    assert_eq!(proxy.opened(), 2);

    // A server that does not know the prepared statements, as behind a proxy that changed it.
    database
        .execute(
            "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DEALLOCATE ALL; RETURN NEW; END $$;
            CREATE TRIGGER forget AFTER INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION forget()",
        )
        .await;
    insert(&store, 2).await;
    assert!(exists(&store, 2).await);
    assert_eq!(proxy.opened(), 3);
}

#[tokio::test]
async fn a_standby_serves_reads_and_once_promoted_writes() {
    let mut primary = PostgresCluster::start();
    let proxy = Proxy::to(primary.url()).await;
    let store = store_at(&proxy.url(primary.url()));
    store.migrate().await.unwrap();
    insert(&store, 1).await;
    let standby = primary.standby();

    // The name of the primary leads to the standby for a while.
    proxy.lead_to(&standby);
    proxy.sever().await;
    assert_read_only(&store).await;
    proxy.lead_to(primary.url());
    until_looked_for_again().await;
    insert(&store, 2).await;
    store.ping().await.unwrap();

    // The primary crashes once the standby has what was written.
    let follower = store_at(&standby);
    let began = Instant::now();
    while !exists(&follower, 2).await {
        assert!(began.elapsed() < Duration::from_secs(10), "the standby does not follow");
        tokio::task::yield_now().await;
    }
    proxy.lead_to(&standby);
    primary.order("halt");
    assert_read_only(&store).await;
    primary.order("promote");
    until_looked_for_again().await;
    insert(&store, 3).await;
    store.ping().await.unwrap();
    for number in 1..=3 {
        assert!(exists(&store, number).await);
    }
}
