//! Promises of security events.

use std::sync::Arc;

use time::{Duration, OffsetDateTime, UtcOffset};
use vestibule_domain::{AccountId, Actor, EventId, EventKind, Origin, RequestId, SecurityEvent, Source};
use vestibule_ports::{Store, UnitOfWork};

use crate::support::{
    MICROSECOND, NANOSECONDS, NOW, Rounds, an_account, committed, dropped, numbered, purges_in_parts, some_accounts,
};

/// Every field of an event comes back as it was stored, in each of its forms, its time in whole microseconds.
pub(crate) async fn every_field_of_an_event_comes_back(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 2).await;
    let [account, other] = [accounts[0].id(), accounts[1].id()];
    let stranger = AccountId::from(numbered(77));
    let from = |address: &str, request: &str| {
        let source = Source::new(address.parse().unwrap());
        Some(Origin { source, request: RequestId::parse(request).unwrap() })
    };
    let mut events: Vec<_> = (0..)
        .zip(EventKind::ALL)
        .map(|(number, kind)| SecurityEvent { kind, ..event(Some(account), number) })
        .collect();
    let next = |number| event(Some(other), number);
    events.extend([
        event(None, 20),
        SecurityEvent { actor: Actor::Anyone, ..next(21) },
        SecurityEvent { actor: Actor::Operator, ..next(22) },
        SecurityEvent { actor: Actor::Account(other), ..next(23) },
        SecurityEvent { actor: Actor::Account(account), ..next(24) },
        SecurityEvent { actor: Actor::Account(stranger), ..event(Some(stranger), 25) },
        SecurityEvent { actor: Actor::Account(account), ..event(None, 26) },
        SecurityEvent { origin: from("192.0.2.1", "r"), ..next(27) },
        SecurityEvent { origin: from("2001:db8:1:2:3::4", &"~!'\"%_\\;".repeat(8)), ..next(28) },
        SecurityEvent { origin: from("::ffff:192.0.2.2", "0"), ..event(None, 29) },
    ]);
    let offset = UtcOffset::from_hms(5, 30, 0).unwrap();
    committed(&store, async |unit| {
        for event in &events {
            let at = (event.at + NANOSECONDS).to_offset(offset);
            unit.events().insert(&SecurityEvent { at, ..event.clone() }).await.unwrap();
        }
    })
    .await;
    events.reverse();
    assert_eq!(store.read().events().list(None, None, 100).await.unwrap(), events);
}

/// Events are listed newest first: all of them, including those without an account, or those of one account.
pub(crate) async fn events_are_listed_newest_first_and_by_account(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 3).await;
    let [account, other, quiet] = [0, 1, 2].map(|number: usize| accounts[number].id());
    let owners = [Some(account), None, Some(other), Some(account), None, Some(account)];
    let events: Vec<_> = (0..).zip(owners).map(|(number, owner)| event(owner, number)).collect();
    insert_all(&store, [3, 0, 5, 1, 4, 2].map(|number: usize| &events[number])).await;
    for (account, numbers) in [
        (None, vec![5, 4, 3, 2, 1, 0]),
        (Some(account), vec![5, 3, 0]),
        (Some(other), vec![2]),
        (Some(quiet), vec![]),
        (Some(numbered(77).into()), vec![]),
    ] {
        let listed = store.read().events().list(account, None, 100).await.unwrap();
        assert_eq!(listed, numbers.iter().map(|number: &usize| events[*number].clone()).collect::<Vec<_>>());
    }
}

/// A list begins right before an id, whether or not that event exists, and has at most the requested number of events.
pub(crate) async fn a_list_of_events_goes_on_before_an_id(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 2).await;
    let [account, other] = [accounts[0].id(), accounts[1].id()];
    let owner = |number| if number % 2 == 0 { account } else { other };
    let events: Vec<_> =
        (0..20).filter(|number| *number != 10).map(|number| event(Some(owner(number)), number)).collect();
    insert_all(&store, &events).await;
    for (account, before, limit, numbers) in [
        (None, None, 3, vec![19, 18, 17]),
        (None, Some(17), 3, vec![16, 15, 14]),
        (None, Some(10), 3, vec![9, 8, 7]),
        (None, Some(2), 3, vec![1, 0]),
        (None, Some(0), 3, vec![]),
        (None, Some(19), 0, vec![]),
        (Some(account), None, 2, vec![18, 16]),
        (Some(account), Some(16), 4, vec![14, 12, 8, 6]),
        (Some(account), Some(9), 2, vec![8, 6]),
        (Some(other), Some(1), 9, vec![]),
    ] {
        let before = before.map(|number| event(None, number).id);
        let listed = store.read().events().list(account, before, limit).await.unwrap();
        let ids: Vec<_> = listed.into_iter().map(|event| event.id).collect();
        assert_eq!(ids, numbers.into_iter().map(|number| event(None, number).id).collect::<Vec<_>>());
    }
}

/// Events of the same moment are listed in the order of their ids, the highest first, without gaps or repeats.
pub(crate) async fn events_of_the_same_moment_are_in_the_order_of_their_ids(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let at_once = |number: u32| {
        let id = EventId::from(numbered(number));
        SecurityEvent { id, at: NOW, ..event(Some(account), 0) }
    };
    let numbers = [5, 0, 255, 256, 1 << 31, 3, u32::MAX];
    insert_all(&store, &numbers.map(at_once)).await;
    let mut listed = Vec::new();
    let mut pages = Rounds::at_most(numbers.len() + 1, "the list of events does not come to its end");
    loop {
        pages.one_more();
        let before = listed.last().map(|event: &SecurityEvent| event.id);
        let page = store.read().events().list(Some(account), before, 3).await.unwrap();
        if page.is_empty() {
            break;
        }
        listed.extend(page);
    }
    assert_eq!(listed, [u32::MAX, 1 << 31, 256, 255, 5, 3, 0].map(at_once));
}

/// Events are listed by id, the highest first, even if a wrong clock gave them other times; purges go by their times.
pub(crate) async fn events_are_in_the_order_of_their_ids_whatever_their_times(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let minutes = [5, -3, 0, 90, -90, 2, 2, 1];
    let events: Vec<_> = (0..)
        .zip(minutes)
        .map(|(number, minutes)| SecurityEvent {
            at: NOW + Duration::minutes(minutes),
            ..event(Some(account).filter(|_| number != 3), number)
        })
        .collect();
    insert_all(&store, &events).await;
    for of in [None, Some(account)] {
        let expected = || events.iter().rev().filter(|event| of.is_none() || event.account == of);
        for limit in [1, 3, 9] {
            let mut listed = Vec::new();
            let mut pages = Rounds::at_most(events.len() + 1, "the list of events does not come to its end");
            loop {
                pages.one_more();
                let before = listed.last().map(|event: &SecurityEvent| event.id);
                let page = store.read().events().list(of, before, limit).await.unwrap();
                if page.is_empty() {
                    break;
                }
                listed.extend(page);
            }
            assert_eq!(listed, expected().cloned().collect::<Vec<_>>(), "pages of {limit}");
        }
    }
    assert_eq!(committed(&store, async |unit| unit.events().purge_before(NOW).await.unwrap()).await, 2);
    let left: Vec<_> = events.iter().rev().filter(|event| event.at >= NOW).cloned().collect();
    assert_eq!(store.read().events().list(None, None, 9).await.unwrap(), left);
}

/// A list has at most 1000 events, whatever limit is requested.
pub(crate) async fn a_list_has_at_most_a_thousand_events(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let events: Vec<_> = (0..1001).map(|number| event(Some(account), number)).collect();
    insert_all(&store, &events).await;
    for account in [None, Some(account)] {
        for limit in [1000, 1001, u32::MAX] {
            let listed = store.read().events().list(account, None, limit).await.unwrap();
            assert_eq!(listed.len(), 1000);
            assert_eq!((&listed[0], &listed[999]), (&events[1000], &events[1]));
        }
    }
}

/// Events stay when the account that they happened to, or that caused them, is removed.
pub(crate) async fn events_stay_when_their_account_goes(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let [before, deletion] = [event(Some(account), 0), event(Some(account), 1)]
        .map(|event| SecurityEvent { actor: Actor::Account(account), ..event });
    insert_all(&store, std::slice::from_ref(&before)).await;
    committed(&store, async |unit| {
        unit.events().insert(&deletion).await.unwrap();
        assert!(unit.accounts().remove(account).await.unwrap());
    })
    .await;
    let listed = store.read().events().list(Some(account), None, 9).await.unwrap();
    assert_eq!(listed, [deletion, before]);
}

/// An event is there if, and only if, its unit was committed.
pub(crate) async fn an_event_of_a_dropped_unit_did_not_happen(store: Arc<dyn Store>) {
    let (first, second) = (event(None, 0), event(None, 1));
    insert_all(&store, std::slice::from_ref(&first)).await;
    dropped(&store, async |unit| {
        unit.events().insert(&second).await.unwrap();
        assert_eq!(unit.events().purge_before(second.at).await.unwrap(), 1);
    })
    .await;
    assert_eq!(store.read().events().list(None, None, 9).await.unwrap(), std::slice::from_ref(&first));
    insert_all(&store, std::slice::from_ref(&second)).await;
    assert_eq!(store.read().events().list(None, None, 9).await.unwrap(), [second, first]);
}

/// A purge removes exactly the events from before a time, of any account.
pub(crate) async fn a_purge_removes_exactly_the_old_events(store: Arc<dyn Store>) {
    let account = Some(an_account(&store).await);
    let at = |number, at: OffsetDateTime, account| SecurityEvent { at, ..event(account, number) };
    let events = [
        at(0, NOW - Duration::days(1), None),
        at(1, NOW - MICROSECOND, account),
        at(2, NOW, account),
        at(3, NOW + Duration::days(1), None),
    ];
    insert_all(&store, &events).await;
    committed(&store, async |unit| {
        assert_eq!(unit.events().purge_before(NOW - Duration::days(1)).await.unwrap(), 0);
        assert_eq!(unit.events().purge_before(NOW).await.unwrap(), 2);
    })
    .await;
    let [_, _, third, last] = events;
    assert_eq!(store.read().events().list(None, None, 9).await.unwrap(), [last, third]);
}

/// One purge removes at most 1000 events.
pub(crate) async fn a_purge_removes_at_most_a_thousand_events(store: Arc<dyn Store>) {
    let events: Vec<_> = (0..1001).map(|number| event(None, number)).collect();
    insert_all(&store, &events).await;
    let later = NOW + Duration::days(1);
    purges_in_parts(&store, 1001, async |unit| unit.events().purge_before(later).await.unwrap()).await;
}

/// A refused sign-in this many seconds after [`NOW`], which its id says too.
pub(crate) fn event(account: Option<AccountId>, seconds: u32) -> SecurityEvent {
    let at = NOW + Duration::seconds(seconds.into());
    let id = EventId::new(at, [0x5A; 6]);
    SecurityEvent { id, kind: EventKind::SignInFailed, account, actor: Actor::Anyone, origin: None, at }
}

pub(crate) async fn insert_all(store: &Arc<dyn Store>, events: impl IntoIterator<Item = &SecurityEvent>) {
    committed(store, async |unit: &mut Box<dyn UnitOfWork>| {
        for event in events {
            unit.events().insert(event).await.unwrap();
        }
    })
    .await;
}
