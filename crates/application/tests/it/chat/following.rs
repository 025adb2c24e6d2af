//! Live streams on one node.

use std::{sync::Arc, time::Duration};

use tokio::{
    task::{JoinHandle, yield_now},
    time::timeout,
};
use vestibule_application::{
    Fault, Policy,
    chat::{ChatError, Follow, Followed, Follower, MarkRead},
};
use vestibule_domain::{Account, conversation::Side};
use vestibule_ports::RandomnessExt;
use vestibule_testkit::{AccountBuilder, SeededRandomness};

use super::{Stage, message, next_message};
use crate::support::World;

/// Nothing more is given, for now.
async fn assert_silent(follower: &mut Follower) {
    for _ in 0..20 {
        yield_now().await;
    }
    let next = timeout(Duration::from_millis(1), follower.next()).await;
    assert!(next.is_err(), "{next:?}");
}

#[tokio::test]
async fn a_follower_begins_now_or_after_any_message() {
    let stage = Stage::set().await;
    let mut from_the_first = stage.follow(&stage.owner, None).await;
    let mut before_the_first = stage.follow(&stage.admin, Some(0)).await;
    for _ in 0..200 {
        stage.send(Side::User, "text").await;
    }
    let mut all = stage.follow(&stage.owner, Some(0)).await;
    let mut some = stage.follow(&stage.owner, Some(150)).await;
    let mut at_the_end = stage.follow(&stage.admin, Some(200)).await;
    let mut from_now_on = stage.follow(&stage.admin, None).await;
    let mut ahead = stage.follow(&stage.admin, Some(201)).await;
    assert_silent(&mut at_the_end).await;
    assert_silent(&mut from_now_on).await;
    stage.send(Side::Staff, "text").await;
    stage.send(Side::Staff, "text").await;
    for (follower, first) in [
        (&mut from_the_first, 1),
        (&mut before_the_first, 1),
        (&mut all, 1),
        (&mut some, 151),
        (&mut at_the_end, 201),
        (&mut from_now_on, 201),
        // A number above the last one is of a store that has gone back since.
        (&mut ahead, 201),
    ] {
        for expected in first..=202 {
            assert_eq!(next_message(follower).await, expected);
            assert_eq!(follower.position(), expected);
        }
        assert_silent(follower).await;
    }
}

#[tokio::test]
async fn a_follower_is_given_the_message_as_it_was_stored() {
    let stage = Stage::set().await;
    let mut follower = stage.follow(&stage.owner, None).await;
    let sent = stage.send(Side::Staff, "hello").await;
    let Followed::Message(message) = follower.next().await else { panic!("no message") };
    assert_eq!(message, sent.message);
    assert!(Arc::ptr_eq(&message, &sent.message), "it was handed over");
}

#[tokio::test]
async fn cursors_are_told_when_they_have_moved_and_after_the_messages() {
    let stage = Stage::set().await;
    stage.send(Side::Staff, "text").await;
    let mark = async |account: &Account, seq| {
        let input = MarkRead { conversation: stage.owner.id(), seq };
        stage.chat.mark_read(&stage.caller(account).await, input).await.unwrap();
    };
    mark(&stage.owner, 1).await;
    let mut follower = stage.follow(&stage.admin, Some(0)).await;
    assert_eq!(follower.opened().read_by_user.seq, 1);
    stage.send(Side::Staff, "text").await;
    mark(&stage.owner, 2).await;
    mark(&stage.owner, 2).await;
    assert_eq!(next_message(&mut follower).await, 1);
    assert_eq!(next_message(&mut follower).await, 2);
    assert!(matches!(follower.next().await, Followed::Read { user: 2, staff: 0 }));
    mark(&stage.owner, 1).await;
    assert_silent(&mut follower).await;
    mark(&stage.admin, 1).await;
    assert!(matches!(follower.next().await, Followed::Read { user: 2, staff: 1 }));
}

#[tokio::test]
async fn waiting_can_be_broken_off_at_any_moment() {
    let stage = Stage::set().await;
    let mut follower = stage.follow(&stage.owner, None).await;
    let mut expected = 0;
    for round in 0..300 {
        if round % 3 == 0 {
            stage.send(Side::User, "text").await;
        }
        // Polled once, then dropped.
        let next = tokio::select! {
            biased;
            next = follower.next() => Some(next),
            () = async {} => None,
        };
        if let Some(Followed::Message(message)) = next {
            expected += 1;
            assert_eq!(message.seq, expected);
        }
    }
    assert_eq!(expected, 100);
}

/// Two sides that write at the same time, with pauses by chance.
fn write(stage: &Arc<Stage>, each: u64, seed: u64) -> [JoinHandle<()>; 2] {
    [Side::User, Side::Staff].map(|side| {
        let stage = Arc::clone(stage);
        tokio::spawn(async move {
            let chance = SeededRandomness::new(seed * 2 + u64::from(side == Side::User));
            for _ in 0..each {
                stage.send(side, "text").await;
                pause(&chance).await;
            }
        })
    })
}

async fn pause(chance: &SeededRandomness) {
    let [yields] = chance.bytes();
    for _ in 0..yields % 8 {
        yield_now().await;
    }
}

/// Reads with pauses until a message, and begins anew by chance, after what it was given last.
async fn read_all(stage: Arc<Stage>, after: u64, last: u64, seed: u64) {
    let chance = SeededRandomness::new(seed);
    let (mut follower, mut position) = (stage.follow(&stage.owner, Some(after)).await, after);
    while position < last {
        if let Followed::Message(message) = follower.next().await {
            position += 1;
            assert_eq!(message.seq, position, "seed {seed}");
        }
        pause(&chance).await;
        if chance.bytes::<1>()[0] < 16 {
            drop(follower);
            pause(&chance).await;
            follower = stage.follow(&stage.owner, Some(position)).await;
        }
    }
    assert_silent(&mut follower).await;
}

async fn race(rounds: std::ops::Range<u64>, each: u64) {
    for round in rounds {
        let stage = Arc::new(Stage::set().await);
        stage.send(Side::User, "text").await;
        let last = 1 + 2 * each;
        let writers = write(&stage, each, round);
        let readers: Vec<_> =
            (0..4).map(|n| tokio::spawn(read_all(Arc::clone(&stage), n % 2, last, round * 100 + n))).collect();
        for task in writers.into_iter().chain(readers) {
            timeout(Duration::from_mins(1), task).await.unwrap().unwrap();
        }
        assert_eq!((stage.chat.followers(), stage.chat.followed_conversations()), (0, 0));
    }
}

#[tokio::test]
async fn resumed_followers_miss_and_repeat_nothing_while_two_sides_write() {
    race(0..40, 60).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn resumed_followers_miss_and_repeat_nothing_on_many_threads() {
    race(100..120, 150).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn messages_that_are_told_out_of_order_are_followed_in_order() {
    let stage = Arc::new(Stage::set().await);
    let mut follower = stage.follow(&stage.admin, None).await;
    let writers: Vec<_> = (0..16).flat_map(|seed| write(&stage, 20, seed)).collect();
    for expected in 1..=16 * 2 * 20 {
        let next = timeout(Duration::from_mins(1), next_message(&mut follower)).await;
        assert_eq!(next.unwrap(), expected);
    }
    for writer in writers {
        writer.await.unwrap();
    }
}

#[tokio::test]
async fn an_account_and_a_node_have_only_so_many_followers() {
    let mut policy = Policy { limits: false, ..Policy::default() };
    policy.chat.followers_per_account = 2;
    policy.chat.followers_per_node = 3;
    let stage = Stage::of(World::with(policy)).await;
    let root = AccountBuilder::numbered(3).role(vestibule_domain::Role::Root).build();
    stage.world.insert(&root).await;
    let try_it = async |account| {
        let input = Follow { conversation: stage.owner.id(), after: None, until: None };
        stage.chat.follow(&stage.caller(account).await, input).await
    };
    let first = try_it(&stage.admin).await.unwrap();
    let second = try_it(&stage.admin).await.unwrap();
    assert!(matches!(try_it(&stage.admin).await, Err(ChatError::Fault(Fault::Throttled { retry_after: 1.. }))));
    let third = try_it(&stage.owner).await.unwrap();
    assert!(matches!(try_it(&root).await, Err(ChatError::Fault(Fault::Overloaded(_)))));
    drop(second);
    drop(try_it(&root).await.unwrap());
    drop(try_it(&stage.admin).await.unwrap());
    drop((first, third));
    assert_eq!((stage.chat.followers(), stage.chat.followed_conversations()), (0, 0));
}

#[tokio::test]
async fn nothing_is_left_of_followers_that_left_or_never_began() {
    let stage = Stage::set().await;
    let mut followers = Vec::new();
    for number in 10..60 {
        let account = AccountBuilder::numbered(number).build();
        stage.world.insert(&account).await;
        let caller = stage.caller(&account).await;
        let input = Follow { conversation: account.id(), after: None, until: None };
        for _ in 0..2 {
            followers.push(stage.chat.follow(&caller, input).await.unwrap());
        }
        // Broken off in the middle, and refused after it had a place.
        drop(stage.chat.follow(&caller, input));
        let nobody = AccountBuilder::numbered(1_000).build().id();
        let input = Follow { conversation: nobody, ..input };
        assert!(stage.chat.follow(&stage.caller(&stage.admin).await, input).await.is_err());
        stage.chat.send(&caller, message(account.id(), Side::User, "text")).await.unwrap();
    }
    assert_eq!((stage.chat.followers(), stage.chat.followed_conversations()), (100, 50));
    followers.truncate(50);
    assert_eq!((stage.chat.followers(), stage.chat.followed_conversations()), (50, 25));
    followers.clear();
    assert_eq!((stage.chat.followers(), stage.chat.followed_conversations()), (0, 0));
}
