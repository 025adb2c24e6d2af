//! Promises of sessions: their fields and their end here; the cap, rotation and anonymous sessions in files of their own.

mod anonymous;
mod cap;
mod rotation;

use std::sync::Arc;

use time::{Duration, UtcOffset};
use vestibule_domain::{Account, AccountId, Owner, Session, SessionId, TokenEpoch, TokenUse};
use vestibule_ports::{Advance, Store, UnitOfWork};

use crate::support::{
    MICROSECOND, NANOSECONDS, NOW, RACERS, an_account, committed, digest, dropped, owner, purges_in_parts, race,
    session, some_accounts,
};

pub(crate) use self::{anonymous::*, cap::*, rotation::*};

/// More sessions than any case gives one account.
const MANY: u32 = 5000;

/// Every field of a session comes back as it was stored, its times in whole microseconds, and its account with it.
pub(crate) async fn every_field_of_a_session_comes_back_with_its_account(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 2).await;
    let [account, other] = [accounts[0].id(), accounts[1].id()];
    let offset = UtcOffset::from_hms(-3, 30, 0).unwrap();
    let used = |key, after| Some(TokenUse { key, at: NOW + after });
    let sessions = [
        session(account, 0),
        Session { counter: 1, last_use: used(None, Duration::hours(1)), ..session(account, 1) },
        Session { counter: 2_000_000_000, last_use: used(Some(digest(7)), MICROSECOND), ..session(other, 2) },
        Session { last_use: used(Some(digest(8)), Duration::ZERO), ..session(account, 3) },
        Session { counter: 3, owner: owner(other, TokenEpoch::new([0xFF; 16])), ..session(other, 4) },
    ];
    committed(&store, async |unit| {
        for session in &sessions {
            let uncut = Session {
                last_use: session.last_use.map(|last| TokenUse { at: last.at + NANOSECONDS, ..last }),
                began_at: (session.began_at + NANOSECONDS).to_offset(offset),
                ..session.clone()
            };
            assert_eq!(unit.sessions().insert(&uncut, MANY).await.unwrap(), 0);
        }
    })
    .await;
    for session in sessions {
        let account = if session.owner.account() == Some(account) { &accounts[0] } else { &accounts[1] };
        assert_eq!(store.read().sessions().find(session.id).await.unwrap(), Some(held(&session, account)));
    }
}

/// A search by many ids finds the sessions that exist, each once and whole, anonymous ones too, and no others.
pub(crate) async fn many_sessions_are_found_at_once(store: Arc<dyn Store>) {
    let account = some_accounts(&store, 1).await.remove(0);
    let mut sessions: Vec<Session> = (0..300).map(|number| session(account.id(), number)).collect();
    sessions[7].owner = Owner::Anonymous;
    sessions[8].last_use = Some(TokenUse { key: Some(digest(7)), at: NOW });
    committed(&store, async |unit| {
        for session in &sessions {
            assert_eq!(unit.sessions().insert(session, MANY).await.unwrap(), 0);
        }
    })
    .await;
    let read = store.read().sessions();
    let mut wanted: Vec<SessionId> = sessions[5..].iter().map(|session| session.id).collect();
    wanted.extend([wanted[0], session(account.id(), 1_000).id]);
    let mut found = read.find_many(&wanted).await.unwrap();
    found.sort_by_key(|session| session.id);
    assert_eq!(found, sessions[5..]);
    assert_eq!(read.find_many(&[]).await.unwrap(), []);
}

/// An account's sessions are listed whole, whatever their age, the newest first, without those of others.
pub(crate) async fn the_sessions_of_an_account_are_listed(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 3).await;
    let began = |number, after| Session { began_at: NOW + after, ..session(accounts[0].id(), number) };
    let sessions = [
        Session { last_use: Some(TokenUse { key: Some(digest(7)), at: NOW }), ..began(1, MICROSECOND) },
        began(0, Duration::ZERO),
        began(2, -Duration::days(400)),
    ];
    committed(&store, async |unit| {
        for session in sessions.iter().rev().chain([&session(accounts[1].id(), 3)]) {
            unit.sessions().insert(session, MANY).await.unwrap();
        }
    })
    .await;
    let read = store.read().sessions();
    assert_eq!(read.list_of_account(accounts[0].id(), 10).await.unwrap(), sessions);
    assert_eq!(read.list_of_account(accounts[0].id(), 2).await.unwrap(), sessions[..2]);
    assert_eq!(read.list_of_account(accounts[2].id(), 10).await.unwrap(), []);
}

/// A session is found whatever its age and epoch: the store does not judge them.
pub(crate) async fn a_session_that_is_of_no_use_any_more_is_found(store: Arc<dyn Store>) {
    let account = some_accounts(&store, 1).await.remove(0);
    let old = Session { began_at: NOW - Duration::days(400), ..session(account.id(), 0) };
    let bound = bound(&account, 1);
    committed(&store, async |unit| {
        unit.sessions().insert(&old, MANY).await.unwrap();
        unit.sessions().insert(&bound, MANY).await.unwrap();
    })
    .await;
    let read = store.read().sessions();
    for session in [old, bound] {
        assert_eq!(read.find(session.id).await.unwrap(), Some(held(&session, &account)));
    }
    assert_eq!(read.find(session(account.id(), 2).id).await.unwrap(), None);
}

/// A removed session cannot be found, changed or removed again; others stay.
pub(crate) async fn a_removed_session_is_gone(store: Arc<dyn Store>) {
    let account = some_accounts(&store, 1).await.remove(0);
    let [gone, kept] = stored(&store, [bound(&account, 0), bound(&account, 1)]).await;
    committed(&store, async |unit| {
        let sessions = unit.sessions();
        assert!(sessions.remove(gone.id).await.unwrap());
        assert!(!sessions.remove(gone.id).await.unwrap());
        assert!(!sessions.rebind(gone.id, account.epoch()).await.unwrap());
    })
    .await;
    assert_eq!(advance(&store, &gone, 0, TokenUse::new(None, NOW)).await, None);
    assert_eq!(found(&store, gone.id).await, None);
    assert_eq!(found(&store, kept.id).await, Some(kept));
}

/// When many units remove one session at once, one does.
pub(crate) async fn of_many_removals_of_a_session_one_wins(store: Arc<dyn Store>) {
    let [session] = stored(&store, [session(an_account(&store).await, 0)]).await;
    let removed =
        race(RACERS, async |_| committed(&store, async |unit| unit.sessions().remove(session.id).await.unwrap()).await);
    assert_eq!(removed.iter().filter(|removed| **removed).count(), 1);
}

/// The sessions of an account are removed and counted, and those of others stay.
pub(crate) async fn the_sessions_of_one_account_are_removed(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 2).await;
    let [account, other] = [accounts[0].id(), accounts[1].id()];
    let [first, second, kept] = stored(&store, [session(account, 0), session(account, 1), session(other, 2)]).await;
    committed(&store, async |unit| {
        assert_eq!(unit.sessions().remove_of_account(account).await.unwrap(), 2);
        assert_eq!(unit.sessions().remove_of_account(account).await.unwrap(), 0);
    })
    .await;
    assert_eq!(found(&store, first.id).await, None);
    assert_eq!(found(&store, second.id).await, None);
    assert_eq!(found(&store, kept.id).await, Some(kept));
}

/// Additions, removals and changes of a dropped unit leave no trace.
pub(crate) async fn what_a_dropped_unit_did_to_sessions_is_undone(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let [first, second] = stored(&store, [0, 1].map(|number| session(account, number))).await;
    dropped(&store, async |unit| {
        let sessions = unit.sessions();
        assert!(sessions.rebind(first.id, second.owner.epoch().unwrap()).await.unwrap());
        assert!(sessions.remove(second.id).await.unwrap());
    })
    .await;
    dropped(&store, async |unit| assert_eq!(unit.sessions().insert(&session(account, 3), 1).await.unwrap(), 2)).await;
    for session in [first, second] {
        assert_eq!(found(&store, session.id).await, Some(session));
    }
    assert_eq!(found(&store, session(account, 3).id).await, None);
}

/// A purge removes exactly the sessions that began by the time, however recently they were used.
pub(crate) async fn a_purge_removes_exactly_the_sessions_that_began_by_a_time(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let began = |number, began_at| Session { began_at, ..session(account, number) };
    let used = Some(TokenUse { key: None, at: NOW + Duration::days(1) });
    let [older, old, young] = stored(
        &store,
        [
            Session { counter: 1, last_use: used, ..began(0, NOW - Duration::days(1)) },
            began(1, NOW),
            began(2, NOW + MICROSECOND),
        ],
    )
    .await;
    committed(&store, async |unit| {
        assert_eq!(unit.sessions().purge_begun(NOW - Duration::days(2)).await.unwrap(), 0);
        assert_eq!(unit.sessions().purge_begun(NOW).await.unwrap(), 2);
    })
    .await;
    assert_eq!(found(&store, older.id).await, None);
    assert_eq!(found(&store, old.id).await, None);
    assert_eq!(found(&store, young.id).await, Some(young));
}

/// One purge removes at most 1000 sessions.
pub(crate) async fn a_purge_removes_at_most_a_thousand_sessions(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    committed(&store, async |unit| {
        for number in 0..1001 {
            unit.sessions().insert(&session(account, number), MANY).await.unwrap();
        }
    })
    .await;
    purges_in_parts(&store, 1001, async |unit| unit.sessions().purge_begun(NOW).await.unwrap()).await;
}

/// A new session with its account's epoch.
pub(crate) fn bound(account: &Account, number: u32) -> Session {
    Session { owner: Owner::of(account), ..session(account.id(), number) }
}

/// A session as it is read, with its account.
fn held(session: &Session, account: &Account) -> Session<Account> {
    session.clone().with_account(Some(account.clone())).unwrap()
}

/// Uses the token with this number; returns what was there before.
async fn advance(
    store: &Arc<dyn Store>,
    session: &Session,
    counter: u32,
    token_use: TokenUse,
) -> Option<Session<Account>> {
    store.sessions().advance(&[Advance { session: session.id, counter, token_use }]).await.unwrap().remove(0)
}

/// Stores sessions and returns them.
pub(crate) async fn stored<const N: usize>(store: &Arc<dyn Store>, sessions: [Session; N]) -> [Session; N] {
    committed(store, async |unit: &mut Box<dyn UnitOfWork>| {
        for session in &sessions {
            unit.sessions().insert(session, MANY).await.unwrap();
        }
    })
    .await;
    sessions
}

/// The session with this id as it is now.
async fn found(store: &Arc<dyn Store>, id: SessionId) -> Option<Session> {
    store.read().sessions().find(id).await.unwrap().map(Session::without_account)
}

/// Which of an account's sessions with the first numbers exist.
async fn numbers_found(store: &Arc<dyn Store>, account: AccountId, count: u32) -> Vec<u32> {
    let mut numbers = Vec::new();
    for number in 0..count {
        if found(store, session(account, number).id).await.is_some() {
            numbers.push(number);
        }
    }
    numbers
}
