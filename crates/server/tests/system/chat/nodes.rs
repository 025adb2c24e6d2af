//! Two servers on one database.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread::{self, sleep},
    time::{Duration, Instant},
};

use vestibule_testkit::PostgresCluster;

use crate::support::{Database, EventStream, PATIENCE, Person, Server, Setup, postgres, within};

/// How many messages go back and forth, each after the one before was received.
pub(crate) const VOLLEYS: u64 = 20;
/// How long that takes at most by notifications. Without them each would wait for the next look, which is every 2 s.
pub(crate) const BY_NOTIFICATIONS: Duration = Duration::from_secs(10);
/// How long one takes at most without them: a look every 2 s, on a machine that does much else.
pub(crate) const BY_LOOKING: Duration = Duration::from_secs(8);

/// The connections that listen, by what they were last used for.
const LISTENERS: &str = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND query ILIKE 'LISTEN %'";

pub(crate) struct Pair {
    pub(crate) nodes: [Server; 2],
    people: [Person; 2],
    account: String,
    /// The number of the last message.
    last: u64,
}

impl Pair {
    pub(crate) fn start(setup: Setup) -> Self {
        let setup = setup.with_staff();
        let nodes = [setup.start(), setup.start()];
        let people = [nodes[0].customer("alice"), nodes[0].staff()];
        Self { account: people[0].id.clone(), nodes, people, last: 0 }
    }

    /// A stream on each node, from a message on.
    pub(crate) fn follow(&self, after: u64) -> [EventStream; 2] {
        [0, 1].map(|node| {
            let request = self.people[node].follows(&self.account, Some(after));
            EventStream::follow(self.nodes[node].address(), &request)
        })
    }

    /// Sends on one node until it is taken.
    fn send(&mut self, node: usize) {
        self.last += 1;
        let name = self.last.to_string();
        let request = self.people[node].says(&self.account, &name, &name);
        within(PATIENCE, "an answer", || {
            let reply = self.nodes[node].call(&request);
            assert!(matches!(reply.status, 200 | 503), "{reply:?}");
            (reply.status == 200).then_some(())
        });
    }

    /// Sends on both in turn, and receives each message on both before the next; returns the longest delay on the other
    /// node.
    pub(crate) fn volley(&mut self, streams: &mut [EventStream; 2], count: u64) -> Duration {
        let mut longest = Duration::ZERO;
        for number in 0..count {
            let here = usize::try_from(number % 2).unwrap();
            self.send(here);
            let sent = Instant::now();
            for node in [1 - here, here] {
                assert_eq!(streams[node].event(PATIENCE).id, Some(self.last));
                if node != here {
                    longest = longest.max(sent.elapsed());
                }
            }
        }
        longest
    }
}

fn wait_for_listeners(url: &str) {
    within(PATIENCE, "two listeners", || {
        (postgres::query(url, &format!("SELECT count(*) {LISTENERS}")) == "2").then_some(())
    });
}

#[test]
fn a_reader_hears_at_once_of_what_is_sent_on_another_node_also_after_the_database_was_started_anew() {
    let mut cluster = PostgresCluster::start();
    let mut pair = Pair::start(Setup::at(cluster.url()));
    let mut streams = pair.follow(0);
    for restart in [false, true] {
        if restart {
            cluster.order("halt");
            // Long enough for the nodes to notice, and not so long that they end their streams.
            sleep(Duration::from_secs(1));
            cluster.order("resume");
            pair.volley(&mut streams, 1);
        }
        wait_for_listeners(cluster.url());
        let began = Instant::now();
        let longest = pair.volley(&mut streams, VOLLEYS);
        assert!(began.elapsed() < BY_NOTIFICATIONS, "{:?}, the longest {longest:?}", began.elapsed());
    }
    // A new client finds the same.
    for mut stream in pair.follow(0) {
        for seq in 1..=pair.last {
            assert_eq!(stream.event(PATIENCE).id, Some(seq));
        }
    }
}

#[test]
fn a_reader_hears_soon_of_what_is_sent_on_another_node_without_any_notification() {
    let cluster = PostgresCluster::start();
    // The owner of all tables, except the function that notifies the others.
    let revoke = "CREATE ROLE node LOGIN; ALTER SCHEMA public OWNER TO node;
        REVOKE EXECUTE ON FUNCTION pg_notify(text, text) FROM PUBLIC";
    postgres::query(cluster.url(), revoke);
    let mut pair = Pair::start(Setup::at(&cluster.url().replace("postgres@", "node@")));
    let mut streams = pair.follow(0);
    let longest = pair.volley(&mut streams, 4);
    assert!(longest < BY_LOOKING, "{longest:?}");
    for node in &pair.nodes {
        assert!(node.log().contains("other nodes cannot be told of messages"), "{}", node.log());
    }
}

#[test]
fn a_reader_hears_soon_of_what_is_sent_on_another_node_while_listeners_are_ended_all_the_time() {
    let database = Database::empty();
    let mut pair = Pair::start(Setup::postgres(&database));
    let mut streams = pair.follow(0);
    let is_over = AtomicBool::new(false);
    let url = database.url();
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::SeqCst) {
                postgres::query(&url, &format!("SELECT count(pg_terminate_backend(pid)) {LISTENERS}"));
            }
        });
        let longest = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| pair.volley(&mut streams, 4)));
        is_over.store(true, Ordering::SeqCst);
        let longest = longest.unwrap();
        assert!(longest < BY_LOOKING, "{longest:?}");
    });
    for node in &pair.nodes {
        assert!(node.log().contains("messages on other nodes cannot be heard of"), "{}", node.log());
    }
}
