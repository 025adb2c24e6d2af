//! How live streams end.

use std::time::Duration as StdDuration;

use time::Duration;
use vestibule_application::{
    Fault, Language, Operator,
    accounts::{AccountChange, NewStatus},
    chat::{ChatError, EndReason, Follow, Followed, Follower},
    own_account::ChangeOwnPassword,
};
use vestibule_domain::{Account, AccountRecord, Role, conversation::Side};
use vestibule_testkit::{AccountBuilder, FixedClock};

use super::{Stage, message, next_message};
use crate::{
    sessions::ALICE,
    support::{PASSWORD, password},
};

async fn end_of(mut follower: Follower) -> EndReason {
    let next = tokio::time::timeout(StdDuration::from_secs(5), follower.next()).await.expect("it goes on");
    let Followed::Ended(reason) = next else { panic!("{next:?}") };
    assert!(matches!(follower.next().await, Followed::Ended(again) if again == reason));
    reason
}

/// Looks once: which of the followers go on, told by a message.
async fn go_on(stage: &Stage, followers: Vec<Follower>) -> Vec<bool> {
    stage.chat.watch_over().await.unwrap();
    let conversation = stage.owner.id();
    let staff = AccountBuilder::numbered(99).role(Role::Root).build();
    stage.world.insert(&staff).await;
    // If the owner is gone, there is nothing to be told.
    let _ = stage.chat.send(&stage.caller(&staff).await, message(conversation, Side::Staff, "text")).await;
    let mut outcomes = Vec::new();
    for mut follower in followers {
        outcomes.push(match follower.next().await {
            Followed::Message(_) => true,
            Followed::Ended(EndReason::Revoked) => false,
            other => panic!("{other:?}"),
        });
    }
    outcomes
}

async fn change(stage: &Stage, account: &Account, change: AccountChange) {
    stage.world.app.change_account(Operator::at_the_console().authority_over(account.id()), change).await.unwrap();
}

/// Takes the role of the admin away, and nothing else.
async fn demote_admin(stage: &Stage) {
    let record = stage.admin.record().clone();
    let user = Account::restore(AccountRecord { role: Role::User, ..record });
    let mut unit = stage.world.store.write().await.unwrap();
    assert!(unit.accounts().update(&user).await.unwrap());
    unit.commit().await.unwrap();
}

/// The owner and an admin follow; what becomes of both after something has happened.
async fn after(what: impl AsyncFnOnce(&Stage)) -> Vec<bool> {
    let stage = Stage::set().await;
    let followers = vec![stage.follow(&stage.owner, None).await, stage.follow(&stage.admin, None).await];
    what(&stage).await;
    go_on(&stage, followers).await
}

#[tokio::test]
async fn what_comes_while_rights_cannot_be_looked_at_waits_for_the_next_look() {
    let stage = Stage::set().await;
    let mut follower = stage.follow(&stage.owner, None).await;
    stage.chat.watch_over().await.unwrap();
    stage.world.clock.advance(Duration::seconds(6));
    stage.send(Side::Staff, "text").await;
    let early = tokio::time::timeout(StdDuration::from_millis(50), follower.next()).await;
    assert!(early.is_err(), "{early:?}");
    stage.chat.watch_over().await.unwrap();
    assert!(matches!(follower.next().await, Followed::Message(_)));
}

#[tokio::test]
async fn who_keeps_the_right_goes_on() {
    assert_eq!(after(async |_| {}).await, [true, true]);
}

#[tokio::test]
async fn a_disabled_account_follows_no_more() {
    let disabled =
        after(async |stage| change(stage, &stage.owner, AccountChange::status(NewStatus::Suspended)).await).await;
    assert_eq!(disabled, [false, true]);
    let disabled =
        after(async |stage| change(stage, &stage.admin, AccountChange::status(NewStatus::Suspended)).await).await;
    assert_eq!(disabled, [true, false]);
}

#[tokio::test]
async fn ended_tokens_end_their_streams() {
    let revoked = after(async |stage| {
        stage.world.app.end_own_tokens(&stage.caller(&stage.owner).await).await.unwrap();
    });
    assert_eq!(revoked.await, [false, true]);
}

#[tokio::test]
async fn who_is_staff_no_more_follows_nobody_else() {
    let demoted = after(demote_admin);
    assert_eq!(demoted.await, [true, false]);
}

#[tokio::test]
async fn an_admin_who_is_demoted_still_follows_its_own_conversation() {
    let stage = Stage::set().await;
    let admin = stage.caller(&stage.admin).await;
    let input = Follow { conversation: stage.admin.id(), after: None, until: None };
    let mut follower = stage.chat.follow(&admin, input).await.unwrap();
    demote_admin(&stage).await;
    stage.chat.watch_over().await.unwrap();
    stage.chat.send(&admin, message(stage.admin.id(), Side::User, "text")).await.unwrap();
    assert_eq!(next_message(&mut follower).await, 1);
}

#[tokio::test]
async fn nobody_follows_for_or_in_an_account_that_is_gone() {
    let removed = after(async |stage| {
        stage.world.app.remove_account(Operator::at_the_console().authority_over(stage.admin.id())).await.unwrap();
    });
    assert_eq!(removed.await, [true, false]);
    let removed = after(async |stage| {
        stage.world.app.remove_account(Operator::at_the_console().authority_over(stage.owner.id())).await.unwrap();
    });
    assert_eq!(removed.await, [false, false]);
}

#[tokio::test]
async fn a_session_that_ends_takes_its_streams_with_it_and_no_others() {
    let stage = Stage::set().await;
    stage.world.register(ALICE).await.unwrap();
    let (alice, first) = stage.world.begin().await;
    let (_, second) = stage.world.begin().await;
    let input = Follow { conversation: alice.id(), after: None, until: None };
    let [first_caller, second_caller] =
        [stage.world.access(&alice, first).await.unwrap(), stage.world.access(&alice, second).await.unwrap()];
    let ended = stage.chat.follow(&first_caller, input).await.unwrap();
    let mut kept = stage.chat.follow(&second_caller, input).await.unwrap();
    let mut unit = stage.world.store.write().await.unwrap();
    assert!(unit.sessions().remove(first.session).await.unwrap());
    unit.commit().await.unwrap();
    stage.chat.watch_over().await.unwrap();
    assert_eq!(end_of(ended).await, EndReason::Revoked);
    stage.chat.send(&second_caller, message(alice.id(), Side::User, "text")).await.unwrap();
    assert_eq!(next_message(&mut kept).await, 1);
}

#[tokio::test]
async fn the_session_that_changes_the_password_goes_on_following() {
    let stage = Stage::set().await;
    stage.world.register(ALICE).await.unwrap();
    let (alice, token) = stage.world.begin().await;
    let (_, other) = stage.world.begin().await;
    let input = Follow { conversation: alice.id(), after: None, until: None };
    let caller = stage.world.access(&alice, token).await.unwrap();
    let mut kept = stage.chat.follow(&caller, input).await.unwrap();
    let other = stage.world.access(&alice, other).await.unwrap();
    let ended = stage.chat.follow(&other, input).await.unwrap();
    let change = ChangeOwnPassword {
        current: PASSWORD.to_owned(),
        new: password("battery staple"),
        language: Language::English,
    };
    stage.world.app.change_own_password(&caller, change).await.unwrap();
    stage.chat.watch_over().await.unwrap();
    assert_eq!(end_of(ended).await, EndReason::Revoked);
    stage.chat.send(&caller, message(alice.id(), Side::User, "text")).await.unwrap();
    assert_eq!(next_message(&mut kept).await, 1);
}

#[tokio::test]
async fn a_stream_ends_with_the_token() {
    let stage = Stage::set().await;
    let caller = stage.caller(&stage.owner).await;
    let until = FixedClock::START + Duration::seconds(10);
    let input = Follow { conversation: stage.owner.id(), after: None, until: Some(until) };
    let mut follower = stage.chat.follow(&caller, input).await.unwrap();
    stage.send(Side::User, "text").await;
    stage.world.advance(Duration::seconds(9));
    stage.chat.watch_over().await.unwrap();
    assert_eq!(next_message(&mut follower).await, 1);
    stage.send(Side::User, "text").await;
    stage.world.advance(Duration::seconds(1));
    assert_eq!(end_of(follower).await, EndReason::Expired, "nothing more is given");
    let follower = stage.chat.follow(&caller, input).await.unwrap();
    assert_eq!(end_of(follower).await, EndReason::Expired);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_token_wakes_a_stream_that_waits() {
    let stage = Stage::set().await;
    let caller = stage.caller(&stage.owner).await;
    let until = FixedClock::START + Duration::seconds(600);
    let input = Follow { conversation: stage.owner.id(), after: None, until: Some(until) };
    let follower = stage.chat.follow(&caller, input).await.unwrap();
    let began = tokio::time::Instant::now();
    let waiting = tokio::spawn(async move {
        let mut follower = follower;
        follower.next().await
    });
    tokio::time::sleep(StdDuration::from_secs(599)).await;
    stage.world.advance(Duration::seconds(600));
    assert!(!waiting.is_finished());
    assert!(matches!(waiting.await.unwrap(), Followed::Ended(EndReason::Expired)));
    assert!(began.elapsed() < StdDuration::from_secs(601));
}

#[tokio::test]
async fn the_end_of_the_node_ends_every_stream_and_lets_none_begin() {
    let stage = Stage::set().await;
    stage.send(Side::User, "text").await;
    let behind = stage.follow(&stage.admin, Some(0)).await;
    let waiting = [stage.follow(&stage.owner, None).await, stage.follow(&stage.admin, None).await];
    let waiting = waiting.map(|follower| tokio::spawn(end_of(follower)));
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert!(waiting.iter().all(|waiting| !waiting.is_finished()));
    stage.chat.close();
    for waiting in waiting {
        assert_eq!(waiting.await.unwrap(), EndReason::ShuttingDown);
    }
    assert_eq!(end_of(behind).await, EndReason::ShuttingDown);
    let input = Follow { conversation: stage.owner.id(), after: None, until: None };
    let refused = stage.chat.follow(&stage.caller(&stage.owner).await, input).await;
    assert!(matches!(refused, Err(ChatError::Fault(Fault::Unavailable(_)))));
    stage.send(Side::User, "text").await;
    assert_eq!((stage.chat.followers(), stage.chat.followed_conversations()), (0, 0));
}
