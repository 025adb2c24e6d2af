//! Notices between nodes, and following conversations with and without notices.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};
use vestibule_application::{
    Caller, Chat, ChatPorts, Core, CorePorts, Identity, IdentityPorts, Policy,
    accounts::Presented,
    chat::{Follow, Followed, Follower, MarkRead, SendMessage},
};
use vestibule_domain::{
    Account, Origin, RequestId, Source,
    conversation::{MessageText, Side},
};
use vestibule_jwt::JwtSigner;
use vestibule_keys::SecretKeyring;
use vestibule_letters::TemplateLetters;
use vestibule_ports::{Bus, Notice, Subscription};
use vestibule_postgres::{Heartbeat, PostgresStore};
use vestibule_testkit::{
    AccountBuilder, FixedClock, InstantHasher, PostgresCluster, RecordingMailer, SeededRandomness,
};

use crate::{
    database::Database,
    proxy::Proxy,
    support::{insert, options, store_on},
};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(20);
/// For connections whose silence is to be noticed soon.
const QUICK: Heartbeat = Heartbeat { every: Duration::from_millis(100), patience: Duration::from_millis(500) };

fn notice(number: u32, seq: u64) -> Notice {
    let conversation = AccountBuilder::numbered(number).build().id();
    Notice { conversation, seq, read_by_user: seq / 2, read_by_staff: seq / 3 }
}

/// Waits until this many different notices were received.
async fn hear(subscription: &mut dyn Subscription, count: usize) -> Vec<Notice> {
    let mut heard = Vec::new();
    while heard.len() < count {
        for notice in timeout(LONG, subscription.next()).await.unwrap().unwrap() {
            if !heard.contains(&notice) {
                heard.push(notice);
            }
        }
    }
    heard
}

#[tokio::test]
async fn every_node_hears_all_that_is_published_and_nothing_of_other_databases() {
    let [database, other] = [Database::migrated().await, Database::migrated().await];
    let [one, two] = [database.store().bus(), database.store().bus()];
    let mut elsewhere = other.store().bus().subscribe().await.unwrap();
    let mut subscriptions = [one.subscribe().await.unwrap(), two.subscribe().await.unwrap()];
    let many: Vec<Notice> = (0..500).map(|number| notice(number, u64::from(number))).collect();
    one.publish(&many).await.unwrap();
    two.publish(&[notice(1, 9_999)]).await.unwrap();
    one.publish(&[]).await.unwrap();
    for subscription in &mut subscriptions {
        let mut heard = hear(&mut **subscription, 501).await;
        heard.sort_by_key(|notice| (notice.seq, notice.conversation));
        assert_eq!(heard, [many.clone(), vec![notice(1, 9_999)]].concat());
    }
    assert!(timeout(Duration::from_millis(50), elsewhere.next()).await.is_err());
}

#[tokio::test]
async fn waiting_that_is_broken_off_loses_nothing() {
    let database = Database::migrated().await;
    // A heartbeat in every gap.
    let every = Duration::from_millis(2);
    let bus = database.store().bus_with(Heartbeat { every, ..Heartbeat::default() });
    let mut subscription = bus.subscribe().await.unwrap();
    let mut expected = Vec::new();
    let mut heard = Vec::new();
    for number in 0..200 {
        expected.push(notice(1, number));
        bus.publish(&expected[expected.len() - 1..]).await.unwrap();
        if let Ok(notices) = timeout(Duration::from_micros(number * 20), subscription.next()).await {
            heard.extend(notices.unwrap());
        }
    }
    while heard.len() < expected.len() {
        heard.extend(timeout(LONG, subscription.next()).await.unwrap().unwrap());
    }
    assert_eq!(heard, expected);
}

#[tokio::test]
async fn a_connection_that_breaks_or_goes_silent_ends_the_subscription_after_what_it_heard() {
    let database = Database::migrated().await;
    let proxy = Proxy::to(&database.url()).await;
    let bus = PostgresStore::connect_lazy(&proxy.url(&database.url()), options()).unwrap().bus_with(QUICK);
    let direct = database.store().bus();
    for is_silent in [false, true] {
        let mut subscription = bus.subscribe().await.unwrap();
        // Its heartbeats do it no harm.
        sleep(3 * QUICK.every).await;
        direct.publish(&[notice(1, 1)]).await.unwrap();
        assert_eq!(hear(&mut *subscription, 1).await, [notice(1, 1)]);
        let began = Instant::now();
        let silence = is_silent.then(|| proxy.silence());
        if !is_silent {
            proxy.sever().await;
        }
        assert!(timeout(LONG, subscription.next()).await.unwrap().is_err());
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        drop(silence);
        let mut subscription = bus.subscribe().await.unwrap();
        direct.publish(&[notice(1, 2)]).await.unwrap();
        assert_eq!(hear(&mut *subscription, 1).await, [notice(1, 2)]);
    }
    proxy.lead_nowhere();
    assert!(timeout(LONG, bus.subscribe()).await.unwrap().is_err());
}

#[tokio::test]
async fn a_server_that_takes_no_writes_is_not_listened_to() {
    let database = Database::migrated().await;
    let bus = database.store().bus();
    database.fence(true).await;
    assert!(bus.subscribe().await.is_err());
    database.fence(false).await;
    bus.subscribe().await.unwrap();
}

/// One of several nodes on a database, with the worker that receives its notices.
struct Node {
    identity: Identity,
    chat: Arc<Chat>,
    worker: JoinHandle<()>,
}

/// How a node learns of messages.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Notices,
    Looking,
}

impl Node {
    fn start(number: u64, store: PostgresStore, by: By) -> Self {
        let keyring = SecretKeyring::new(&vec![7; 32].into()).unwrap();
        let ports = IdentityPorts {
            hasher: Arc::new(InstantHasher::default()),
            signer: Arc::new(JwtSigner::new([]).unwrap()),
            mailer: Arc::new(RecordingMailer::default()),
            providers: BTreeMap::new(),
        };
        let bus = ChatPorts { bus: Arc::new(store.bus_with(QUICK)) };
        let core = CorePorts {
            store: Arc::new(store),
            clock: Arc::new(FixedClock::default()),
            // Another one on each node, since ids are made of it.
            randomness: Arc::new(SeededRandomness::new(number)),
            keyring: Arc::new(keyring),
            letters: Arc::new(TemplateLetters::new(None).unwrap()),
        };
        let core = Core::new(core, Policy::default());
        let chat = Arc::new(Chat::new(Arc::clone(&core), bus));
        let worker = Arc::clone(&chat);
        let worker = tokio::spawn(async move {
            if by == By::Notices {
                worker.relay().await;
            }
            loop {
                // It fails while there is no server.
                let _ = worker.watch_over().await;
                sleep(Duration::from_millis(100)).await;
            }
        });
        Self { identity: Identity::new(core, ports), chat, worker }
    }

    async fn caller(&self, account: &Account) -> Caller {
        let presented = Presented { account: account.id(), epoch: account.epoch().into() };
        let request = RequestId::parse("request").unwrap();
        let origin = Origin { source: Source::new([192, 0, 2, 1].into()), request };
        self.identity.authenticate(presented, origin).await.unwrap()
    }

    async fn send(&self, account: &Account, number: u64) {
        let input = SendMessage {
            conversation: account.id(),
            side: Side::User,
            text: MessageText::parse(number.to_string()).unwrap(),
            client_id: None,
            display_time: None,
        };
        self.chat.send(&self.caller(account).await, input).await.unwrap();
    }

    async fn follow(&self, account: &Account, after: Option<u64>) -> Follower {
        let input = Follow { conversation: account.id(), after, until: None };
        self.chat.follow(&self.caller(account).await, input).await.unwrap()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.worker.abort();
    }
}

async fn next_message(follower: &mut Follower) -> u64 {
    match timeout(LONG, follower.next()).await.unwrap() {
        Followed::Message(message) => message.seq,
        other => panic!("no message: {other:?}"),
    }
}

/// Makes sure that the nodes listen, by sending messages until one is received.
async fn until_heard(from: &Node, by: &mut Follower, account: &Account) -> u64 {
    for number in 1.. {
        from.send(account, number).await;
        if let Ok(next) = timeout(Duration::from_millis(200), by.next()).await {
            assert!(matches!(next, Followed::Message(_)), "{next:?}");
            // Those before it were not noticed, and come now.
            while by.position() < number {
                next_message(by).await;
            }
            return number;
        }
    }
    panic!("never")
}

#[tokio::test]
async fn nodes_hear_of_messages_and_cursors_by_notices_alone() {
    let database = Database::migrated().await;
    let account = insert(&database.store(), 1).await;
    let [one, other] = [1, 2].map(|number| Node::start(number, database.store(), By::Notices));
    let mut follower = other.follow(&account, None).await;
    let first = until_heard(&one, &mut follower, &account).await;
    for number in first + 1..first + 50 {
        one.send(&account, number).await;
        assert_eq!(next_message(&mut follower).await, number);
    }
    let input = MarkRead { conversation: account.id(), seq: 1 };
    one.chat.mark_read(&one.caller(&account).await, input).await.unwrap();
    let next = timeout(LONG, follower.next()).await.unwrap();
    assert!(matches!(next, Followed::Read { user: 1, staff: 0 }), "{next:?}");
}

#[tokio::test]
async fn many_followers_on_two_nodes_get_everything_once_while_both_write() {
    let database = Database::migrated().await;
    let account = insert(&database.store(), 1).await;
    let nodes = [1, 2].map(|number| Node::start(number, database.store(), By::Notices));
    // They look, too: both begin to listen at some time.
    let looks = nodes.iter().map(|node| async {
        loop {
            node.chat.watch_over().await.unwrap();
            sleep(Duration::from_millis(100)).await;
        }
    });
    let writers = nodes.iter().map(|node| async {
        for number in 0..100 {
            node.send(&account, number).await;
        }
    });
    let readers = nodes.iter().flat_map(|node| [node; 3]).map(|node| async {
        let mut follower = node.follow(&account, Some(0)).await;
        for expected in 1..=200 {
            assert_eq!(next_message(&mut follower).await, expected);
        }
    });
    tokio::select! {
        _ = join_all(looks) => panic!("they never end"),
        _ = async { tokio::join!(join_all(writers), join_all(readers)) } => {}
    }
}

#[tokio::test]
async fn nodes_hear_from_each_other_again_after_the_server_came_back() {
    let mut server = PostgresCluster::start();
    let account = insert(&store_on(&server).await, 1).await;
    let mut nodes = Vec::new();
    for number in 1..=2 {
        nodes.push(Node::start(number, store_on(&server).await, By::Notices));
    }
    let mut follower = nodes[1].follow(&account, None).await;
    let before = until_heard(&nodes[0], &mut follower, &account).await;
    server.order("halt");
    sleep(Duration::from_millis(300)).await;
    server.order("resume");
    // The reader goes on where it was; messages come as before.
    for number in before + 1.. {
        nodes[0].send(&account, number).await;
        if let Ok(next) = timeout(Duration::from_millis(500), follower.next()).await {
            assert!(matches!(next, Followed::Message(message) if message.seq == before + 1));
            for expected in before + 2..=number {
                assert_eq!(next_message(&mut follower).await, expected);
            }
            nodes[0].send(&account, number + 1).await;
            assert_eq!(next_message(&mut follower).await, number + 1);
            return;
        }
        assert!(number < before + 40, "nothing is heard any more");
    }
}

#[tokio::test]
async fn without_notices_messages_come_when_the_node_looks() {
    let database = Database::migrated().await;
    let account = insert(&database.store(), 1).await;
    let [one, other] = [1, 2].map(|number| Node::start(number, database.store(), By::Looking));
    let mut follower = other.follow(&account, None).await;
    for number in 1..=10 {
        one.send(&account, number).await;
        assert_eq!(next_message(&mut follower).await, number);
    }
}
