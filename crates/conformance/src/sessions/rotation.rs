//! Promises of advancing sessions.

use std::sync::Arc;

use time::Duration;
use vestibule_domain::{AccountStatus, Presentation, RefreshRule, Session, TokenEpoch, TokenUse};
use vestibule_ports::{Advance, Store};
use vestibule_testkit::AccountBuilder;

use super::{advance, bound, found, held, stored};
use crate::support::{
    NANOSECONDS, NOW, RACERS, an_account, committed, digest, insert_accounts, owner, race, read_before, session,
    some_accounts,
};

const EPOCH: TokenEpoch = TokenEpoch::new([0xA5; 16]);

/// An advance increments the counter, stores the use with its time in whole microseconds, and returns what was there
/// before; everything else stays.
pub(crate) async fn an_advance_changes_only_counter_and_use(store: Arc<dyn Store>) {
    let account = some_accounts(&store, 2).await.remove(0);
    let [mut expected, other] = stored(&store, [bound(&account, 0), bound(&account, 1)]).await;
    for (counter, key) in [(1, None), (2, Some(digest(9))), (3, Some(digest(10))), (4, None)] {
        let at = NOW + Duration::hours(counter.into());
        let token_use = TokenUse { key, at: at + NANOSECONDS };
        let before = advance(&store, &expected, counter - 1, token_use).await;
        assert_eq!(before, Some(held(&expected, &account)));
        expected = Session { counter, last_use: Some(TokenUse { key, at }), ..expected };
        let there = store.read().sessions().find(expected.id).await.unwrap();
        assert_eq!(there, Some(held(&expected, &account)));
    }
    assert_eq!(found(&store, other.id).await, Some(other));
}

/// An advance that expects another counter changes nothing.
pub(crate) async fn an_advance_needs_the_counter(store: Arc<dyn Store>) {
    let account = some_accounts(&store, 1).await.remove(0);
    let [new, used] = stored(&store, [bound(&account, 0), Session { counter: 5, ..bound(&account, 1) }]).await;
    for (session, counters) in [(&new, vec![1, 2, 1000, u32::MAX]), (&used, vec![0, 4, 6, u32::MAX])] {
        for counter in counters {
            let before = advance(&store, session, counter, use_at(1)).await;
            assert_eq!(before, None, "{} taken for {counter}", session.counter);
        }
    }
    for session in [new, used] {
        assert_eq!(found(&store, session.id).await, Some(session));
    }
}

/// An advance changes nothing if the session is bound to another epoch than its account's, or if the account is not active.
pub(crate) async fn an_advance_needs_an_active_account_with_the_epoch(store: Arc<dyn Store>) {
    let statuses = [AccountStatus::Active, AccountStatus::Disabled, AccountStatus::Pending];
    let accounts: Vec<_> =
        (0..).zip(statuses).map(|(number, status)| AccountBuilder::numbered(number).status(status).build()).collect();
    insert_accounts(&store, &accounts).await;
    let unbound = Session { owner: owner(accounts[0].id(), EPOCH), ..session(accounts[0].id(), 0) };
    for session in stored(&store, [unbound, bound(&accounts[1], 1), bound(&accounts[2], 2)]).await {
        assert_eq!(advance(&store, &session, 0, use_at(1)).await, None);
        assert_eq!(found(&store, session.id).await, Some(session));
    }
}

/// When one counter is advanced many times at once, one wins, and the session is as the winner left it.
pub(crate) async fn of_many_advances_of_one_counter_one_wins(store: Arc<dyn Store>) {
    let account = some_accounts(&store, 1).await.remove(0);
    let [mut session] = stored(&store, [bound(&account, 0)]).await;
    for counter in 0..5 {
        let use_of = |racer: u32| use_at(counter * 100 + racer);
        let outcomes = race(RACERS, async |racer| advance(&store, &session, counter, use_of(racer)).await);
        let winners: Vec<_> =
            (0..).zip(outcomes).filter_map(|(number, before)| Some((number, before?.without_account()))).collect();
        assert_eq!(winners.len(), 1, "counter {counter}: {winners:?}");
        let (winner, before) = &winners[0];
        assert_eq!(*before, session);
        session = Session { counter: counter + 1, last_use: Some(use_of(*winner)), ..session };
        assert_eq!(found(&store, session.id).await.as_ref(), Some(&session));
    }
}

/// The same holds when the clocks were read earlier, out of order and on nodes seconds apart; the rule then counts every
/// other use as a retry of the winner's.
pub(crate) async fn advances_whose_clocks_were_read_out_of_order_have_one_winner(store: Arc<dyn Store>) {
    let account = some_accounts(&store, 1).await.remove(0);
    let [begun] = stored(&store, [bound(&account, 0)]).await;
    let use_of = |racer| TokenUse::new(None, read_before(racer));
    let outcomes = race(RACERS, async |racer| advance(&store, &begun, 0, use_of(racer)).await);
    assert_eq!(outcomes.iter().flatten().count(), 1);
    let advanced = found(&store, begun.id).await.unwrap();
    assert_eq!(advanced.counter, 1);
    for (racer, outcome) in (0..).zip(outcomes) {
        let is_retry = advanced.present(0, use_of(racer), &RefreshRule::default()) == Presentation::Repeat;
        assert!(outcome.is_some() || is_retry, "racer {racer}");
    }
}

/// Uses of several sessions in one call are answered in their order and independently: a refused one affects no other.
pub(crate) async fn advances_that_go_together_stand_each_for_itself(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 2).await;
    let sessions =
        [bound(&accounts[0], 0), bound(&accounts[1], 1), session(accounts[1].id(), 2), bound(&accounts[1], 3)];
    let sessions = stored(&store, sessions).await;
    let gone = session(accounts[0].id(), 9);
    let advance_of = |session: &Session, counter| Advance { session: session.id, counter, token_use: use_at(counter) };
    let uses = [(3, 0), (0, 4), (2, 0), (1, 0)].map(|(number, counter)| advance_of(&sessions[number], counter));
    let uses = [&uses[..], &[advance_of(&gone, 0)]].concat();
    let before = store.sessions().advance(&uses).await.unwrap();
    let advanced = |number: usize, account: usize| Some(held(&sessions[number], &accounts[account]));
    assert_eq!(before, [advanced(3, 1), None, None, advanced(1, 1), None]);
    for (number, counter) in [(0, 0), (1, 1), (2, 0), (3, 1)] {
        assert_eq!(found(&store, sessions[number].id).await.unwrap().counter, counter, "session {number}");
    }
    assert_eq!(store.sessions().advance(&[]).await.unwrap(), []);
}

/// When overlapping calls advance several sessions at once, in any order, each session has one winner; no use is refused
/// because of another.
pub(crate) async fn advances_of_many_sessions_at_once_have_one_winner_each(store: Arc<dyn Store>) {
    let account = some_accounts(&store, 1).await.remove(0);
    let sessions = stored(&store, [0, 1, 2, 3, 4, 5, 6, 7].map(|number| bound(&account, number))).await;
    for counter in 0..4 {
        let winners = race(RACERS, async |racer| {
            let mut uses: Vec<_> = sessions
                .iter()
                .map(|session| Advance { session: session.id, counter, token_use: use_at(racer) })
                .collect();
            if racer % 2 == 1 {
                uses.reverse();
            }
            let before = store.sessions().advance(&uses).await.unwrap();
            uses.into_iter()
                .zip(before)
                .filter_map(|(advance, before)| before.map(|_| advance.session))
                .collect::<Vec<_>>()
        });
        let mut won = winners.concat();
        won.sort_unstable();
        won.dedup();
        assert_eq!((won.len(), winners.concat().len()), (sessions.len(), sessions.len()), "counter {counter}");
    }
}

/// A rebound session has the new epoch; nothing else changes, in it or in other sessions.
pub(crate) async fn a_rebound_session_has_another_epoch_and_nothing_else(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let before = Session { counter: 3, last_use: Some(use_at(60)), ..session(account, 0) };
    let [before, other] = stored(&store, [before, session(account, 1)]).await;
    committed(&store, async |unit| {
        for _ in 0..2 {
            assert!(unit.sessions().rebind(before.id, EPOCH).await.unwrap());
        }
    })
    .await;
    assert_eq!(found(&store, before.id).await, Some(Session { owner: owner(account, EPOCH), ..before }));
    assert_eq!(found(&store, other.id).await, Some(other));
}

/// A unit that gives an account and its session a new epoch never blocks the session: of the advances at the same time one
/// wins, if it retries, and both changes are kept.
pub(crate) async fn a_rebind_and_an_advance_at_once_are_both_kept(store: Arc<dyn Store>) {
    let mut account = some_accounts(&store, 1).await.remove(0);
    for round in 0..12 {
        let [before] = stored(&store, [bound(&account, round)]).await;
        let epoch = TokenEpoch::new([0xA5 ^ u8::try_from(round).unwrap(); 16]);
        let mut renewed = account.clone();
        renewed.end_tokens(epoch, NOW);
        let advanced = race(2, async |number| {
            if number == 0 {
                committed(&store, async |unit| {
                    unit.accounts().find_for_update(account.id()).await.unwrap().unwrap();
                    assert!(unit.accounts().update(&renewed).await.unwrap());
                    assert!(unit.sessions().rebind(before.id, epoch).await.unwrap());
                })
                .await;
                return false;
            }
            let mut looks = 0;
            while advance(&store, &before, 0, use_at(60)).await.is_none() {
                looks += 1;
                assert!(looks < 1000, "the session cannot go on");
            }
            true
        });
        assert_eq!(advanced, [false, true], "round {round}");
        let expected = Session { owner: owner(account.id(), epoch), counter: 1, last_use: Some(use_at(60)), ..before };
        assert_eq!(found(&store, expected.id).await, Some(expected));
        account = renewed;
    }
}

/// A use this many seconds after [`NOW`], with a key derived from the number.
pub(super) fn use_at(seconds: u32) -> TokenUse {
    TokenUse { key: Some(digest(seconds)), at: NOW + Duration::seconds(seconds.into()) }
}
