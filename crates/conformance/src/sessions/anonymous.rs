//! Promises of sessions without an account.

use std::sync::Arc;

use time::{Duration, UtcOffset};
use vestibule_domain::{Session, TokenEpoch, TokenUse};
use vestibule_ports::{Advance, Store, UnitOfWork};

use super::{advance, bound, found, held, numbers_found, rotation::use_at, stored};
use crate::support::{
    MICROSECOND, NANOSECONDS, NOW, RACERS, Rounds, anonymous, committed, digest, dropped, race, session, some_accounts,
};

/// Every field of an anonymous session comes back as it was stored, its times in whole microseconds, without an account.
pub(crate) async fn every_field_of_an_anonymous_session_comes_back(store: Arc<dyn Store>) {
    some_accounts(&store, 1).await;
    let used = |key, after| Some(TokenUse { key, at: NOW + after });
    let sessions = [
        anonymous(0),
        Session { counter: 1, last_use: used(None, Duration::hours(1)), ..anonymous(1) },
        Session { counter: 2_000_000_000, last_use: used(Some(digest(7)), MICROSECOND), ..anonymous(2) },
    ];
    let offset = UtcOffset::from_hms(-3, 30, 0).unwrap();
    stored(
        &store,
        sessions.clone().map(|session| Session {
            last_use: session.last_use.map(|last| TokenUse { at: last.at + NANOSECONDS, ..last }),
            began_at: (session.began_at + NANOSECONDS).to_offset(offset),
            ..session
        }),
    )
    .await;
    for session in sessions {
        let there = store.read().sessions().find(session.id).await.unwrap();
        assert_eq!(there, Some(session.with_account(None).unwrap()));
    }
    assert_eq!(found(&store, anonymous(3).id).await, None);
}

/// An anonymous session advances without an account, only from its current counter, and returns what was there before.
pub(crate) async fn an_anonymous_session_goes_on_without_an_account(store: Arc<dyn Store>) {
    let [mut expected, other] = stored(&store, [anonymous(0), anonymous(1)]).await;
    for counter in 1..4 {
        for wrong in [counter, counter + 1, u32::MAX] {
            assert_eq!(advance(&store, &expected, wrong, use_at(1)).await, None, "{wrong} taken for {}", counter - 1);
        }
        let before = advance(&store, &expected, counter - 1, use_at(counter)).await;
        assert_eq!(before, Some(expected.clone().with_account(None).unwrap()));
        expected = Session { counter, last_use: Some(use_at(counter)), ..expected };
        assert_eq!(found(&store, expected.id).await.as_ref(), Some(&expected));
    }
    assert_eq!(found(&store, other.id).await, Some(other));
}

/// Uses of anonymous sessions and of sessions of accounts can be advanced in one call.
pub(crate) async fn anonymous_sessions_and_others_advance_together(store: Arc<dyn Store>) {
    let account = some_accounts(&store, 1).await.remove(0);
    let sessions = [anonymous(0), bound(&account, 1), session(account.id(), 2), anonymous(3)];
    let sessions = stored(&store, sessions).await;
    let uses = [(3, 0), (2, 0), (1, 0), (0, 1)].map(|(number, counter): (usize, _)| Advance {
        session: sessions[number].id,
        counter,
        token_use: use_at(1),
    });
    let before = store.sessions().advance(&uses).await.unwrap();
    let [_, of_account, _, alone] = &sessions;
    assert_eq!(before, [alone.clone().with_account(None), None, Some(held(of_account, &account)), None]);
    for (session, counter) in sessions.iter().zip([0, 1, 0, 1]) {
        assert_eq!(found(&store, session.id).await.unwrap().counter, counter);
    }
}

/// When an anonymous session is advanced many times at once, one wins.
pub(crate) async fn of_many_advances_of_an_anonymous_session_one_wins(store: Arc<dyn Store>) {
    let [mut session] = stored(&store, [anonymous(0)]).await;
    for counter in 0..5 {
        let use_of = |racer: u32| use_at(counter * 100 + racer);
        let outcomes = race(RACERS, async |racer| advance(&store, &session, counter, use_of(racer)).await);
        let winners: Vec<_> = (0..).zip(outcomes).filter_map(|(number, before)| Some((number, before?))).collect();
        assert_eq!(winners.len(), 1, "counter {counter}: {winners:?}");
        let (winner, before) = winners[0].clone();
        assert_eq!(before.without_account(), session);
        session = Session { counter: counter + 1, last_use: Some(use_of(winner)), ..session };
        assert_eq!(found(&store, session.id).await.as_ref(), Some(&session));
    }
}

/// No operation on an account's sessions affects an anonymous one: neither the cap, nor their removal, nor that of the
/// account. And an anonymous session ends no other.
pub(crate) async fn anonymous_sessions_are_apart_from_those_of_accounts(store: Arc<dyn Store>) {
    let account = some_accounts(&store, 1).await.remove(0);
    let old = Session { began_at: NOW - Duration::days(9), ..anonymous(0) };
    let [old, of_account] = stored(&store, [old, bound(&account, 1)]).await;
    committed(&store, async |unit| {
        for number in 2..6 {
            assert_eq!(unit.sessions().insert(&anonymous(number), 1).await.unwrap(), 0);
        }
    })
    .await;
    assert_eq!(numbers_found(&store, account.id(), 9).await, [0, 1, 2, 3, 4, 5]);
    committed(&store, async |unit| {
        assert_eq!(unit.sessions().insert(&bound(&account, 6), 1).await.unwrap(), 1);
    })
    .await;
    assert_eq!(found(&store, of_account.id).await, None);
    committed(&store, async |unit| {
        assert_eq!(unit.sessions().remove_of_account(account.id()).await.unwrap(), 1);
        unit.sessions().insert(&bound(&account, 7), 9).await.unwrap();
        assert!(unit.accounts().remove(account.id()).await.unwrap());
    })
    .await;
    assert_eq!(numbers_found(&store, account.id(), 9).await, [0, 2, 3, 4, 5]);
    assert_eq!(found(&store, old.id).await, Some(old));
}

/// An anonymous session has no epoch and cannot get one.
pub(crate) async fn an_anonymous_session_cannot_be_rebound(store: Arc<dyn Store>) {
    let [session] = stored(&store, [anonymous(0)]).await;
    let epoch = TokenEpoch::new([0xA5; 16]);
    committed(&store, async |unit| assert!(!unit.sessions().rebind(session.id, epoch).await.unwrap())).await;
    assert_eq!(found(&store, session.id).await, Some(session));
}

/// An anonymous session is removed once, by its id or by its age, unless the unit is dropped.
pub(crate) async fn an_anonymous_session_ends_as_others_do(store: Arc<dyn Store>) {
    let younger = Session { began_at: NOW + MICROSECOND, ..anonymous(2) };
    let [removed, purged, younger] = stored(&store, [anonymous(0), anonymous(1), younger]).await;
    dropped(&store, async |unit| assert!(unit.sessions().remove(removed.id).await.unwrap())).await;
    assert_eq!(found(&store, removed.id).await.as_ref(), Some(&removed));
    committed(&store, async |unit| {
        assert!(unit.sessions().remove(removed.id).await.unwrap());
        assert!(!unit.sessions().remove(removed.id).await.unwrap());
        assert_eq!(unit.sessions().purge_begun(NOW).await.unwrap(), 1);
    })
    .await;
    for gone in [removed, purged] {
        assert_eq!(found(&store, gone.id).await, None);
        assert_eq!(advance(&store, &gone, 0, use_at(1)).await, None);
    }
    assert_eq!(found(&store, younger.id).await, Some(younger));
}

/// The purge of anonymous sessions removes only those, and only if they began by the time.
pub(crate) async fn anonymous_sessions_are_purged_apart(store: Arc<dyn Store>) {
    let younger = Session { began_at: NOW + MICROSECOND, ..anonymous(2) };
    let of_account = session(some_accounts(&store, 1).await[0].id(), 3);
    let [old, younger, of_account] = stored(&store, [anonymous(1), younger, of_account]).await;
    let purge = async |unit: &mut Box<dyn UnitOfWork>, by| unit.sessions().purge_anonymous_begun(by).await.unwrap();
    dropped(&store, async |unit| assert_eq!(purge(unit, NOW).await, 1)).await;
    assert!(found(&store, old.id).await.is_some());
    committed(&store, async |unit| assert_eq!(purge(unit, NOW - MICROSECOND).await, 0)).await;
    // A purge may skip rows that another unit has locked, and a dropped unit may take a moment to roll back.
    let mut rounds = Rounds::patiently("a session of a dropped unit is never purged");
    let mut purged = 0;
    while purged == 0 {
        rounds.one_more();
        purged = committed(&store, async |unit| purge(unit, NOW).await).await;
    }
    assert_eq!(purged, 1);
    assert_eq!(found(&store, old.id).await, None);
    assert_eq!(found(&store, younger.id).await, Some(younger));
    assert!(store.read().sessions().find(of_account.id).await.unwrap().is_some());
}
