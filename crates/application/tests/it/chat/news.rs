//! Live streams on several nodes, between which notices are lost, doubled and late.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use tokio::{
    task::{JoinHandle, yield_now},
    time::{Instant, sleep, timeout},
};
use vestibule_application::{
    Chat,
    chat::{EndReason, Follow, Followed, Follower, MarkRead},
};
use vestibule_domain::conversation::Side;
use vestibule_memory::LocalBus;
use vestibule_ports::{Bus, BusError, Notice, RandomnessExt, Subscription};
use vestibule_testkit::SeededRandomness;

use super::{Stage, message, next_message, node};

/// How often a node looks by itself.
const LOOK: Duration = Duration::from_secs(2);

/// A node with its workers, which end with it.
struct Node {
    chat: Arc<Chat>,
    workers: Vec<JoinHandle<()>>,
}

impl Node {
    fn start(stage: &Stage, bus: impl Bus + 'static, looks: bool) -> Self {
        let chat = Arc::new(node(&stage.world, bus));
        let (relaying, looking) = (Arc::clone(&chat), Arc::clone(&chat));
        let mut workers = vec![tokio::spawn(async move { relaying.relay().await })];
        if looks {
            workers.push(tokio::spawn(async move {
                loop {
                    sleep(LOOK).await;
                    looking.watch_over().await.unwrap();
                }
            }));
        }
        Self { chat, workers }
    }

    async fn follow(&self, stage: &Stage, after: Option<u64>) -> Follower {
        let input = Follow { conversation: stage.owner.id(), after, until: None };
        self.chat.follow(&stage.caller(&stage.admin).await, input).await.unwrap()
    }

    async fn send(&self, stage: &Stage, side: Side) {
        let caller = stage.caller(if side == Side::User { &stage.owner } else { &stage.admin }).await;
        self.chat.send(&caller, message(stage.owner.id(), side, "text")).await.unwrap();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.workers.iter().for_each(JoinHandle::abort);
    }
}

/// Lets the workers begin to listen.
async fn settle() {
    for _ in 0..50 {
        yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn nodes_hear_from_each_other_at_once() {
    let stage = Stage::set().await;
    let bus = LocalBus::new();
    let [one, other] = [(); 2].map(|()| Node::start(&stage, bus.clone(), false));
    settle().await;
    let mut follower = other.follow(&stage, None).await;
    let began = Instant::now();
    for expected in 1..=20 {
        one.send(&stage, Side::User).await;
        assert_eq!(next_message(&mut follower).await, expected);
    }
    let input = MarkRead { conversation: stage.owner.id(), seq: 7 };
    one.chat.mark_read(&stage.caller(&stage.owner).await, input).await.unwrap();
    assert!(matches!(follower.next().await, Followed::Read { user: 7, staff: 0 }));
    let told = 21;
    assert!(began.elapsed() <= told * Duration::from_millis(5), "{:?}", began.elapsed());
}

/// A bus that loses, doubles and delays what it carries, each by chance.
#[derive(Clone)]
struct Unreliable {
    bus: LocalBus,
    chance: Arc<SeededRandomness>,
}

#[async_trait]
impl Bus for Unreliable {
    async fn publish(&self, notices: &[Notice]) -> Result<(), BusError> {
        for notice in notices {
            let [kind, delay] = self.chance.bytes();
            let copies = [0, 0, 1, 2][usize::from(kind % 4)];
            for copy in 0..copies {
                let (bus, notice) = (self.bus.clone(), *notice);
                let delay = Duration::from_millis(u64::from(delay) * 10 * copy);
                tokio::spawn(async move {
                    sleep(delay).await;
                    bus.publish(&[notice]).await.unwrap();
                });
            }
        }
        match self.chance.bytes() {
            [0..32] => Err(BusError("it did not work, or so it seems".into())),
            _ => Ok(()),
        }
    }

    async fn subscribe(&self) -> Result<Box<dyn Subscription>, BusError> {
        match self.chance.bytes() {
            [0..64] => Err(BusError("not now".into())),
            _ => Ok(Box::new(Breaking { subscription: self.bus.subscribe().await?, chance: Arc::clone(&self.chance) })),
        }
    }
}

/// A subscription that breaks by chance.
struct Breaking {
    subscription: Box<dyn Subscription>,
    chance: Arc<SeededRandomness>,
}

#[async_trait]
impl Subscription for Breaking {
    async fn next(&mut self) -> Result<Vec<Notice>, BusError> {
        match self.chance.bytes() {
            [0..16] => Err(BusError("it broke".into())),
            _ => self.subscription.next().await,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn followers_on_two_nodes_get_everything_once_whatever_becomes_of_notices() {
    for seed in 0..30 {
        let stage = Arc::new(Stage::set().await);
        let bus = Unreliable { bus: LocalBus::new(), chance: Arc::new(SeededRandomness::new(seed)) };
        let nodes = Arc::new([(); 2].map(|()| Node::start(&stage, bus.clone(), true)));
        let each = 40;
        let mut tasks = Vec::new();
        for (at, side) in [(0, Side::User), (1, Side::Staff)] {
            let (stage, nodes) = (Arc::clone(&stage), Arc::clone(&nodes));
            let chance = SeededRandomness::new(1_000 * (seed + 1) + at as u64);
            tasks.push(tokio::spawn(async move {
                for _ in 0..each {
                    nodes[at].send(&stage, side).await;
                    let [pause] = chance.bytes();
                    sleep(Duration::from_millis(u64::from(pause % 4) * 50)).await;
                }
            }));
        }
        for at in [0, 0, 1, 1] {
            let (stage, nodes) = (Arc::clone(&stage), Arc::clone(&nodes));
            tasks.push(tokio::spawn(async move {
                let mut follower = nodes[at].follow(&stage, Some(0)).await;
                for expected in 1..=2 * each {
                    assert_eq!(next_message(&mut follower).await, expected, "seed {seed}");
                }
                assert!(timeout(2 * LOOK, follower.next()).await.is_err(), "nothing comes twice");
            }));
        }
        for task in tasks {
            timeout(Duration::from_mins(10), task).await.unwrap().unwrap();
        }
    }
}

/// A bus without any node at its other end.
struct Mute;

#[async_trait]
impl Bus for Mute {
    async fn publish(&self, _: &[Notice]) -> Result<(), BusError> {
        Err(BusError("nobody is there".into()))
    }

    async fn subscribe(&self) -> Result<Box<dyn Subscription>, BusError> {
        Err(BusError("nobody is there".into()))
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_bus_other_nodes_hear_within_seconds() {
    let stage = Stage::set().await;
    let [one, other] = [(); 2].map(|()| Node::start(&stage, Mute, true));
    let mut here = one.follow(&stage, None).await;
    let mut there = other.follow(&stage, None).await;
    for expected in 1..=5 {
        let began = Instant::now();
        one.send(&stage, Side::User).await;
        assert_eq!(next_message(&mut here).await, expected);
        assert_eq!(began.elapsed(), Duration::ZERO);
        assert_eq!(next_message(&mut there).await, expected);
        assert!(began.elapsed() <= LOOK);
        sleep(Duration::from_millis(300)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_revoked_on_one_node_is_cut_off_on_all_within_five_seconds() {
    let stage = Stage::set().await;
    let nodes = [(); 2].map(|()| Node::start(&stage, Mute, true));
    let mut followers = [nodes[0].follow(&stage, None).await, nodes[1].follow(&stage, None).await];
    sleep(Duration::from_millis(2_500)).await;
    stage.world.app.end_own_tokens(&stage.caller(&stage.admin).await).await.unwrap();
    let began = Instant::now();
    for follower in &mut followers {
        assert!(matches!(follower.next().await, Followed::Ended(EndReason::Revoked)));
    }
    assert!(began.elapsed() < Duration::from_secs(5));
}

/// A bus that says how often it was told, and holds back or fails what it is told.
#[derive(Clone, Default)]
struct Watched {
    bus: LocalBus,
    told: Arc<AtomicUsize>,
    fails: Arc<AtomicBool>,
    subscribed: Arc<AtomicUsize>,
}

#[async_trait]
impl Bus for Watched {
    async fn publish(&self, notices: &[Notice]) -> Result<(), BusError> {
        self.told.fetch_add(1, Ordering::SeqCst);
        sleep(Duration::from_millis(100)).await;
        if self.fails.load(Ordering::SeqCst) {
            return Err(BusError("it fails".into()));
        }
        self.bus.publish(notices).await
    }

    async fn subscribe(&self) -> Result<Box<dyn Subscription>, BusError> {
        self.subscribed.fetch_add(1, Ordering::SeqCst);
        self.bus.subscribe().await
    }
}

#[tokio::test(start_paused = true)]
async fn sending_never_waits_for_the_bus_and_notices_are_told_together() {
    let stage = Stage::set().await;
    let bus = Watched::default();
    let [one, other] = [(); 2].map(|()| Node::start(&stage, bus.clone(), false));
    settle().await;
    let mut follower = other.follow(&stage, None).await;
    let began = Instant::now();
    for _ in 0..500 {
        one.send(&stage, Side::User).await;
        yield_now().await;
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
    for expected in 1..=500 {
        assert_eq!(next_message(&mut follower).await, expected);
    }
    assert!(bus.told.load(Ordering::SeqCst) <= 3, "{:?}", bus.told);
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_told_is_told_once_the_bus_works() {
    let stage = Stage::set().await;
    let bus = Watched::default();
    let [one, other] = [(); 2].map(|()| Node::start(&stage, bus.clone(), false));
    settle().await;
    let mut follower = other.follow(&stage, None).await;
    bus.fails.store(true, Ordering::SeqCst);
    one.send(&stage, Side::User).await;
    assert!(timeout(Duration::from_mins(1), follower.next()).await.is_err());
    let tries = bus.told.load(Ordering::SeqCst);
    assert!((10..60).contains(&tries), "{tries} tries in a minute");
    bus.fails.store(false, Ordering::SeqCst);
    assert_eq!(timeout(Duration::from_secs(5), next_message(&mut follower)).await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_rest_is_told_at_the_end() {
    let stage = Stage::set().await;
    let bus = LocalBus::new();
    let [mut one, other] = [(); 2].map(|()| Node::start(&stage, bus.clone(), false));
    settle().await;
    one.workers.drain(..).for_each(|worker| worker.abort());
    settle().await;
    let mut follower = other.follow(&stage, None).await;
    one.send(&stage, Side::User).await;
    assert!(timeout(Duration::from_secs(10), follower.next()).await.is_err());
    one.chat.tell_rest().await.unwrap();
    assert_eq!(next_message(&mut follower).await, 1);
}

/// A bus that cannot be subscribed to for a while.
#[derive(Clone, Default)]
struct Deaf {
    bus: LocalBus,
    hears: Arc<AtomicBool>,
}

#[async_trait]
impl Bus for Deaf {
    async fn publish(&self, notices: &[Notice]) -> Result<(), BusError> {
        self.bus.publish(notices).await
    }

    async fn subscribe(&self) -> Result<Box<dyn Subscription>, BusError> {
        if self.hears.load(Ordering::SeqCst) { self.bus.subscribe().await } else { Err(BusError("not yet".into())) }
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_told_while_nobody_listened_is_found_at_the_subscription() {
    let stage = Stage::set().await;
    let bus = Deaf::default();
    let [one, other] = [(); 2].map(|()| Node::start(&stage, bus.clone(), false));
    let mut follower = other.follow(&stage, None).await;
    for _ in 0..3 {
        one.send(&stage, Side::User).await;
    }
    assert!(timeout(Duration::from_mins(1), follower.next()).await.is_err());
    bus.hears.store(true, Ordering::SeqCst);
    for expected in 1..=3 {
        assert_eq!(timeout(Duration::from_secs(5), next_message(&mut follower)).await.unwrap(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_was_stored_and_never_told_is_told_when_it_is_sent_again() {
    let stage = Stage::set().await;
    let bus = LocalBus::new();
    let [one, other] = [(); 2].map(|()| Node::start(&stage, bus.clone(), false));
    settle().await;
    let mut followers = [one.follow(&stage, None).await, other.follow(&stage, None).await];
    let caller = stage.caller(&stage.owner).await;
    let mut input = message(stage.owner.id(), Side::User, "text");
    input.client_id = Some(vestibule_domain::conversation::ClientId::parse("one").unwrap());
    // A node that stored it and was gone before it said so.
    let gone = node(&stage.world, Mute);
    gone.send(&caller, input.clone()).await.unwrap();
    for follower in &mut followers {
        assert!(timeout(Duration::from_secs(10), follower.next()).await.is_err());
    }
    assert!(one.chat.send(&caller, input).await.unwrap().was_known);
    for follower in &mut followers {
        assert_eq!(next_message(follower).await, 1);
    }
}
